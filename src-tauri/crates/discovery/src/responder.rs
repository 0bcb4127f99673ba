//! The library's daemon, as the engine uses it: only the chosen interfaces, one browse, and every way it can end.
//!
//! Lives as long as its sockets; dropping it says goodbye and closes them.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use landline_protocol::SERVICE_TYPE;
use mdns_sd::{
    DaemonEvent, HostnameResolutionEvent, IfKind, IfPredicate, Receiver, ServiceDaemon,
    ServiceEvent, ServiceInfo, UnregisterStatus,
};

use crate::interfaces::is_chosen;
use crate::port::{Families, PortError, available};

/// How often the library itself looks for addresses that went away. New ones it is told of.
const IP_CHECK_SECONDS: u32 = 1;
/// How long a host has to answer that it is still there. RFC 6762 §10.4 says ten seconds, without the failed dial that makes
/// us ask; two questions go out, at 0 and 1 s.
const VERIFY_WITHIN: Duration = Duration::from_millis(2_500);
/// How long closing the sockets may take at the end.
const SHUT_DOWN_WITHIN: Duration = Duration::from_secs(1);

/// Why there is no responder.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StartError {
    #[error(transparent)]
    Port(#[from] PortError),
    #[error("multicast DNS cannot be started: {0}")]
    Library(#[from] mdns_sd::Error),
}

/// Something that the library said.
pub(crate) enum Event {
    Service(ServiceEvent),
    /// We read too slowly and lost events: browse again.
    BrowseLost,
    /// Not of interest.
    Other,
    Failed(String),
}

pub(crate) struct Responder {
    daemon: ServiceDaemon,
    monitor: Receiver<DaemonEvent>,
    browse: Option<Receiver<ServiceEvent>>,
    /// Read by the library each time it looks at the interfaces.
    names: Arc<Mutex<Vec<String>>>,
    bound: Families,
}

impl Responder {
    pub(crate) fn start(names: &[String], wanted: Families) -> Result<Self, StartError> {
        let bound = available(wanted)?;
        let daemon = ServiceDaemon::new()?;
        let names = Arc::new(Mutex::new(names.to_vec()));
        let current = Arc::clone(&names);
        let left_out = IfPredicate::new(move |interface| {
            let names = current.lock().unwrap_or_else(PoisonError::into_inner);
            !is_chosen(interface, &names)
        });
        daemon.disable_interface(IfKind::Predicate(left_out))?;
        daemon.set_ip_check_interval(IP_CHECK_SECONDS)?;
        let monitor = daemon.monitor()?;
        Ok(Self {
            daemon,
            monitor,
            browse: None,
            names,
            bound,
        })
    }

    /// The versions of IP that it works with.
    pub(crate) fn bound(&self) -> Families {
        self.bound
    }

    /// Whether a version of IP that is wanted was not to be had at the start, and is now.
    pub(crate) fn lacks(&self, wanted: Families) -> bool {
        let missing = Families {
            v4: wanted.v4 && !self.bound.v4,
            v6: wanted.v6 && !self.bound.v6,
        };
        missing != Families::default() && available(missing).is_ok()
    }

    pub(crate) fn set_names(&self, names: &[String]) {
        *self.names.lock().unwrap_or_else(PoisonError::into_inner) = names.to_vec();
    }

    /// Has new interfaces used at once. (Selecting nothing more applies what was selected.)
    pub(crate) fn apply_interfaces(&self) -> Result<(), mdns_sd::Error> {
        self.daemon.disable_interface(Vec::<IfKind>::new())
    }

    pub(crate) fn is_browsing(&self) -> bool {
        self.browse.is_some()
    }

    /// Asks the network for meetings, from now on. If it is being asked already, what is known is told again.
    pub(crate) fn browse(&mut self) -> Result<(), mdns_sd::Error> {
        self.browse = Some(self.daemon.browse(SERVICE_TYPE)?);
        Ok(())
    }

    /// Asks no more, and forgets what is known.
    pub(crate) fn stop_browse(&mut self) -> Result<(), mdns_sd::Error> {
        self.browse = None;
        self.daemon.stop_browse(SERVICE_TYPE)
    }

    /// Asks whether an instance is still there.
    pub(crate) fn verify(&self, fullname: &str) -> Result<(), mdns_sd::Error> {
        self.daemon.verify(fullname.to_owned(), VERIFY_WITHIN)
    }

    /// Advertises an instance, or what has changed of it.
    pub(crate) fn register(&self, service: ServiceInfo) -> Result<(), mdns_sd::Error> {
        self.daemon.register(service)
    }

    /// Says goodbye for an instance; again 120 ms later, by itself.
    pub(crate) fn unregister(
        &self,
        fullname: &str,
    ) -> Result<Receiver<UnregisterStatus>, mdns_sd::Error> {
        self.daemon.unregister(fullname)
    }

    /// Asks for the addresses of a host. Asking for the same name again takes the place of the first.
    pub(crate) fn resolve(
        &self,
        name: &str,
        within: Duration,
    ) -> Result<Receiver<HostnameResolutionEvent>, mdns_sd::Error> {
        let milliseconds = u64::try_from(within.as_millis()).unwrap_or(u64::MAX);
        self.daemon.resolve_hostname(name, Some(milliseconds))
    }

    pub(crate) fn stop_resolving(&self, name: &str) -> Result<(), mdns_sd::Error> {
        self.daemon.stop_resolve_hostname(name)
    }

    /// Waits for what the library says next. May be dropped while waiting: nothing gets lost.
    pub(crate) async fn next(&self) -> Event {
        let browse = async {
            match &self.browse {
                Some(events) => events.recv_async().await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            event = browse => event.map_or(Event::BrowseLost, Event::Service),
            event = self.monitor.recv_async() => match event {
                Ok(DaemonEvent::Error(error)) => Event::Failed(error.to_string()),
                Ok(_) => Event::Other,
                Err(_) => Event::Failed("it ended by itself".to_owned()),
            },
        }
    }

    /// Says goodbye for everything and waits until the sockets are closed.
    pub(crate) async fn shut_down(self) {
        if let Ok(done) = self.daemon.shutdown() {
            let _ = tokio::time::timeout(SHUT_DOWN_WITHIN, done.recv_async()).await;
        }
    }
}

impl Drop for Responder {
    fn drop(&mut self) {
        // Fails only if it has ended already.
        let _ = self.daemon.shutdown();
    }
}
