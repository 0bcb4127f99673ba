//! What the list of meetings knows of one: whether it is there, and its addresses as they come in.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{Stream, stream};
use landline_discovery::{Found, Watch};
use landline_protocol::node_api::DiscoveryState;
use tokio::sync::watch;

/// How long a meeting is sought that is not in the list: a running one answers within half a second, a lost query is
/// repeated after one and after two.
const SEEK: Duration = Duration::from_secs(3);

/// Waits until the meeting is in the list, at most [`SEEK`]; not at all where nothing can be looked for.
pub(crate) async fn seek(watch: &Watch, meeting_id: &str) -> Option<Found> {
    let (mut found, mut state) = (watch.found(), watch.state());
    let there = |found: &Arc<[Found]>| found.iter().any(|found| found.meeting_id == meeting_id);
    let futile = |state: &DiscoveryState| match state {
        DiscoveryState::NoNetwork | DiscoveryState::Failed { .. } => true,
        DiscoveryState::Off | DiscoveryState::On { .. } => false,
    };
    let list = tokio::select! {
        biased;
        list = found.wait_for(there) => Arc::clone(&*list.ok()?),
        _ = state.wait_for(futile) => return None,
        () = tokio::time::sleep(SEEK) => return None,
    };
    list.iter()
        .find(|found| found.meeting_id == meeting_id)
        .cloned()
}

pub(crate) fn addresses_of(found: &[Found], meeting_id: &str) -> Vec<SocketAddr> {
    found
        .iter()
        .filter(|found| found.meeting_id == meeting_id)
        .flat_map(|found| found.addresses.iter().chain(&found.elsewhere).copied())
        .collect()
}

/// All addresses of the meeting after each change of the list; the race knows which are new.
pub(crate) fn further_addresses(
    found: watch::Receiver<Arc<[Found]>>,
    meeting_id: String,
) -> impl Stream<Item = SocketAddr> {
    let waiting: VecDeque<SocketAddr> = addresses_of(&found.borrow(), &meeting_id).into();
    stream::unfold(
        (found, meeting_id, waiting),
        |(mut found, meeting_id, mut waiting)| async move {
            loop {
                if let Some(address) = waiting.pop_front() {
                    return Some((address, (found, meeting_id, waiting)));
                }
                found.changed().await.ok()?;
                waiting = addresses_of(&found.borrow_and_update(), &meeting_id).into();
            }
        },
    )
}
