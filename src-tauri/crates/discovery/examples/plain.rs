//! What one gets from the mDNS library with its defaults, for `cargo xtask bench discovery` to be compared with: `plain advertise NAME`
//! advertises a service until standard input ends, `plain browse` prints each one found, as one JSON object a line.

use std::error::Error;
use std::io::Read as _;

use mdns_sd::{ServiceDaemon, ServiceEvent, ServiceInfo};
use serde_json::json;

/// Another one than ours, so that neither sees the other.
const SERVICE: &str = "_plain-bench._tcp.local.";

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let daemon = ServiceDaemon::new()?;
    match (args.next().as_deref(), args.next()) {
        (Some("advertise"), Some(name)) => {
            let host = format!("{name}.local.");
            let txt = [("title", "Weekly"), ("host", "Ada")];
            let info = ServiceInfo::new(SERVICE, &name, &host, (), 40_123, &txt[..])?;
            daemon.register(info.enable_addr_auto())?;
            println!("{}", json!({ "meetingId": name }));
            std::io::stdin().read_to_end(&mut Vec::new())?;
        }
        (Some("browse"), None) => {
            for event in daemon.browse(SERVICE)? {
                if let ServiceEvent::ServiceResolved(service) = event {
                    let name = service.fullname.trim_end_matches(SERVICE);
                    println!("{}", json!({ "meetingId": name.trim_end_matches('.') }));
                }
            }
        }
        _ => return Err("advertise NAME, or browse".into()),
    }
    Ok(())
}
