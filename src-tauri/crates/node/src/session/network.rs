//! Notices that this machine's addresses change under a connection. TCP does not: a connection from an address that is no more
//! stays open until somebody gives it up, which takes many seconds.

use std::net::IpAddr;
use std::time::Duration;

use landline_discovery::interfaces::{LocalAddress, has_address};
use landline_protocol::node_api::NodeEvent;

use super::mailbox::Mailbox;
use crate::interfaces::ChosenInterfaces;

/// How often the system is asked, which takes some 50 µs. People notice a second.
const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Of one connection.
pub(super) struct Network {
    pub(super) interfaces: ChosenInterfaces,
    /// From which the connection goes out.
    pub(super) own: Option<IpAddr>,
}

impl Network {
    /// Tells the page of each change. Ends when the connection's own address is gone.
    pub(super) async fn until_gone(&self, mailbox: &Mailbox) {
        let mut before = self.addresses();
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let now = self.addresses();
            if now != before {
                tracing::info!("the addresses of this computer have changed");
                before = now;
                mailbox.tell(NodeEvent::Networks);
            }
            if self.own.is_some_and(|own| !has_address(own)) {
                return;
            }
        }
    }

    fn addresses(&self) -> Vec<LocalAddress> {
        self.interfaces.local_addresses()
    }
}
