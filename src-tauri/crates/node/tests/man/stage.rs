//! One host and its meeting, and a man with each kind of certificate before it. Runs take place on it one after the other.

use std::time::Duration;

use landline_node::{HostOptions, Node};
use landline_protocol::AccessMode;
use landline_protocol::node_api::{HostedMeeting, Target};
use tempfile::TempDir;
use tokio::time::timeout;

use super::{Man, robbed};
use crate::support::stranger::impostor;
use crate::support::{link, node_in};

/// A seat that was not left in order is kept for half of it.
const LEAVING: Duration = Duration::from_mins(1);

/// With which certificate the man ends TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Certificate {
    Own,
    Hosts,
}

pub(crate) struct Stage {
    pub(crate) hosting: Node,
    pub(crate) hosted: HostedMeeting,
    own: Man,
    hosts: Man,
    _dir: TempDir,
}

impl Stage {
    pub(crate) async fn set(dir: TempDir, access: AccessMode) -> Self {
        let hosting = node_in(dir.path(), 0).await;
        let hosted = hosting
            .host(HostOptions {
                title: "Stand-up".into(),
                name: "Ana".into(),
                access,
                // An id that certifies nothing: who has another one does not come this far.
                meeting_id: Some("stand-up".into()),
                ..HostOptions::default()
            })
            .await
            .unwrap();
        Self {
            own: Man::before(&hosted, impostor()).await,
            hosts: Man::before(&hosted, robbed(dir.path())).await,
            hosting,
            hosted,
            _dir: dir,
        }
    }

    pub(crate) fn man(&self, certificate: Certificate) -> &Man {
        match certificate {
            Certificate::Own => &self.own,
            Certificate::Hosts => &self.hosts,
        }
    }

    /// Through the man, by an address that says nothing of a certificate.
    pub(crate) fn through(&self, man: &Man) -> Target {
        Target::Address {
            text: format!(
                "https://127.0.0.1:{}/#m={}",
                man.port, self.hosted.meeting_id
            ),
        }
    }

    pub(crate) fn direct(&self) -> Target {
        link(&self.hosted)
    }

    /// As the person joins whose node hosts.
    pub(crate) fn as_host(&self) -> Target {
        Target::Meeting {
            meeting_id: self.hosted.meeting_id.clone(),
        }
    }

    /// Until all have left.
    pub(crate) async fn clears(&self) {
        let mut hosted = self.hosting.hosted();
        let nobody = hosted.wait_for(|it| it.as_ref().is_some_and(|it| it.participants == 0));
        let cleared = timeout(LEAVING, nobody).await;
        assert!(matches!(cleared, Ok(Ok(_))), "somebody is still there");
    }
}
