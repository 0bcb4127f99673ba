//! Computers on two switches with a cable between them: network namespaces, each with a runtime whose threads live there, so a
//! node that is started on it has the sockets of that computer alone.
//!
//! Everything lives in namespaces named `ll-<pid>-…`, the switches too, so deleting them leaves nothing; that happens on drop,
//! also when a test fails. Needs root and `ip`; [`Lab::new`] says so and returns nothing where that is not given.

use std::fs::File;
use std::net::Ipv4Addr;
use std::os::fd::AsFd as _;
use std::process::Command;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use tokio::runtime::{Builder, Runtime};

/// Tests measure time, so they take turns; and the names are used again.
static TURN: Mutex<()> = Mutex::new(());

/// The interface of each computer.
pub(crate) const INTERFACE: &str = "eth0";
const LEFT: &str = "left";
const RIGHT: &str = "right";
const CABLE: &str = "cable";

/// The network.
pub(crate) struct Lab {
    prefix: String,
    places: Vec<String>,
    _turn: MutexGuard<'static, ()>,
}

/// One computer. Its runtime, and all that lives on it, ends when it is dropped.
pub(crate) struct Place {
    runtime: Option<Runtime>,
    pub(crate) ip: Ipv4Addr,
}

impl Lab {
    /// Nothing where namespaces are not permitted; the reason is printed.
    pub(crate) fn new() -> Option<Self> {
        let mut lab = Self {
            prefix: format!("ll-{}", std::process::id()),
            places: Vec::new(),
            _turn: TURN.lock().unwrap_or_else(PoisonError::into_inner),
        };
        let hub = lab.namespace("hub");
        if let Err(reason) = ip(&["netns", "add", &hub]) {
            println!(
                "SKIPPED: network namespaces cannot be made here ({reason}); run as root on Linux with iproute2"
            );
            return None;
        }
        lab.places.push("hub".into());
        for switch in [LEFT, RIGHT] {
            do_ip(&["-n", &hub, "link", "add", switch, "type", "bridge"]);
            do_ip(&["-n", &hub, "link", "set", switch, "up"]);
        }
        do_ip(&[
            "-n", &hub, "link", "add", CABLE, "type", "veth", "peer", "name", "plug",
        ]);
        do_ip(&["-n", &hub, "link", "set", CABLE, "master", LEFT, "up"]);
        do_ip(&["-n", &hub, "link", "set", "plug", "master", RIGHT, "up"]);
        Some(lab)
    }

    /// One more computer, on the left switch or on the right one.
    pub(crate) fn place(&mut self, is_left: bool) -> Place {
        let number = u8::try_from(self.places.len()).unwrap();
        let name = format!("c{number}");
        let (hub, namespace) = (self.namespace("hub"), self.namespace(&name));
        let address = Ipv4Addr::new(10, 78, 0, number);
        do_ip(&["netns", "add", &namespace]);
        self.places.push(name.clone());
        do_ip(&["-n", &namespace, "link", "set", "lo", "up"]);
        do_ip(&[
            "link", "add", INTERFACE, "netns", &namespace, "type", "veth", "peer", "name", &name,
            "netns", &hub,
        ]);
        let switch = if is_left { LEFT } else { RIGHT };
        do_ip(&["-n", &hub, "link", "set", &name, "master", switch, "up"]);
        let with_mask = format!("{address}/24");
        do_ip(&[
            "-n", &namespace, "addr", "add", &with_mask, "dev", INTERFACE,
        ]);
        do_ip(&["-n", &namespace, "link", "set", INTERFACE, "up"]);
        // Multicast needs a route; a network with DHCP brings one.
        let route = ["route", "replace", "default", "via", "10.78.0.254"];
        do_ip(&[&["-n", namespace.as_str()], &route[..]].concat());
        Place {
            runtime: Some(runtime_in(&namespace)),
            ip: address,
        }
    }

    /// Pulls the cable, or puts it back. What is sent meanwhile is lost, and nobody is told.
    pub(crate) fn connect(&self, on: bool) {
        let to = if on { "up" } else { "down" };
        do_ip(&["-n", &self.namespace("hub"), "link", "set", CABLE, to]);
    }

    fn namespace(&self, name: &str) -> String {
        format!("{}-{name}", self.prefix)
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        for name in &self.places {
            // Nothing is to be done about trouble here.
            let _ = ip(&["netns", "del", &self.namespace(name)]);
        }
    }
}

impl Place {
    /// Runs this on the computer.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        what: impl Future<Output = T> + Send + 'static,
    ) -> T {
        let runtime = self.runtime.as_ref().expect("it is there until the drop");
        runtime.spawn(what).await.unwrap()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn runtime_in(namespace: &str) -> Runtime {
    let path = format!("/run/netns/{namespace}");
    Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .on_thread_start(move || {
            let namespace = File::open(&path).unwrap();
            let kind = Some(LinkNameSpaceType::Network);
            move_into_link_name_space(namespace.as_fd(), kind).unwrap();
        })
        .build()
        .unwrap()
}

fn do_ip(args: &[&str]) {
    if let Err(reason) = ip(args) {
        panic!("ip {args:?}: {reason}");
    }
}

fn ip(args: &[&str]) -> Result<(), String> {
    let output = Command::new("ip").args(args).output();
    let output = output.map_err(|error| error.to_string())?;
    if output.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
    }
}
