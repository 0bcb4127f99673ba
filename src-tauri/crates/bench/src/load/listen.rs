//! The thread that reads.

use std::io::ErrorKind;
use std::os::fd::AsRawFd as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};

use super::message::{Plan, number_of};
use crate::frames::Incoming;
use crate::seat::Seat;

/// How often the end is looked for.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// In every message that counts.
const SIGNAL: &[u8] = br#""action":"signal""#;

/// What has come.
pub(super) struct Heard {
    /// Of each message, if it came.
    pub(super) latencies: Vec<Option<Duration>>,
    pub(super) out_of_order: usize,
}

/// Reads away what was said while the rooms filled.
pub(super) fn skip(rooms: &mut [Vec<Seat>]) -> Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    for seat in rooms.iter_mut().flatten() {
        loop {
            match seat.pipe.read(&mut buffer) {
                Ok(0) => bail!("a connection ended"),
                Ok(read) => seat.incoming.put(buffer.get(..read).unwrap_or_default()),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error.into()),
            }
        }
        while seat.incoming.next().is_some() {}
    }
    Ok(())
}

/// Reads until everything has come, or until `stop`.
pub(super) fn listen(plan: &Plan<'_>, begin: Instant, stop: &AtomicBool) -> Result<Heard> {
    let mut poll = Poll::new()?;
    for (index, seat) in plan.seats.iter().enumerate() {
        let descriptor = seat.pipe.tcp().as_raw_fd();
        poll.registry()
            .register(&mut SourceFd(&descriptor), Token(index), Interest::READABLE)?;
    }
    let mut heard = Heard {
        latencies: vec![None; plan.total],
        out_of_order: 0,
    };
    // What the skipping left is whole frames only.
    let mut incoming: Vec<Incoming> = plan.seats.iter().map(|_| Incoming::default()).collect();
    let mut last = vec![None; plan.ways()];
    let (mut buffer, mut events) = (vec![0; 64 * 1024], Events::with_capacity(1_024));
    let mut missing = plan.total;
    while missing > 0 && !stop.load(Ordering::Relaxed) {
        poll.poll(&mut events, Some(LOOK_EVERY))?;
        for event in &events {
            let Token(index) = event.token();
            let seat = plan.seats.get(index).context("no such seat")?;
            let frames = incoming.get_mut(index).context("no such seat")?;
            loop {
                match seat.pipe.read(&mut buffer) {
                    Ok(0) => bail!("the server has closed a connection"),
                    Ok(read) => frames.put(buffer.get(..read).unwrap_or_default()),
                    Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                    Err(error) => return Err(error.into()),
                }
                let now = begin.elapsed();
                // Pings are not answered: who speaks all the time is not silent.
                while let Some((head, payload)) = frames.next() {
                    // Not who came while the rooms filled.
                    if head & 0x0f == 1 && contains(payload, SIGNAL) {
                        missing -= take(plan, index, payload, now, &mut heard, &mut last)?;
                    }
                }
            }
        }
    }
    Ok(heard)
}

/// Notes one message. 1 if it is new.
fn take(
    plan: &Plan<'_>,
    index: usize,
    payload: &[u8],
    now: Duration,
    heard: &mut Heard,
    last: &mut [Option<usize>],
) -> Result<usize> {
    let number = number_of(payload)?;
    let way = plan.way(number).context("no such way")?;
    let from = plan.seats.get(way.from).context("no such seat")?;
    let named = format!(r#""from":"{}""#, from.id);
    if way.to != index || !contains(payload, named.as_bytes()) {
        bail!("a message has got to somebody else, or under another name");
    }
    let slot = last.get_mut(number % plan.ways()).context("no such way")?;
    if slot.replace(number).is_some_and(|before| before > number) {
        heard.out_of_order += 1;
    }
    let latency = heard.latencies.get_mut(number).context("no such message")?;
    if latency
        .replace(now.saturating_sub(plan.due(number)))
        .is_some()
    {
        bail!("a message has come twice");
    }
    Ok(1)
}

fn contains(payload: &[u8], part: &[u8]) -> bool {
    payload.windows(part.len()).any(|window| window == part)
}
