//! Connections that do nothing: what each costs the server in memory.

use std::io::ErrorKind;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Result, bail};
use serde::Serialize;

use crate::frames::{PING, pong};
use crate::seat::{Seat, fill};
use crate::subject::{Kind, Subject};

/// A full room of the product.
const EACH: usize = 32;
/// Pings come every four seconds, and two may be missed.
const ANSWER_EVERY: Duration = Duration::from_millis(500);
/// For the server to come to rest.
const SETTLE: Duration = Duration::from_secs(20);

/// How long connections rest before they are counted, and how long the server is watched meanwhile.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rest {
    before: Duration,
    watched: Duration,
}

impl Rest {
    /// Several pings.
    pub(crate) const LONG: Self = Self {
        before: Duration::from_secs(6),
        watched: Duration::from_secs(8),
    };
    /// One ping.
    pub(crate) const SHORT: Self = Self {
        before: Duration::from_secs(1),
        watched: Duration::from_secs(4),
    };
}

/// What was found.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Held {
    pub(crate) connections: usize,
    pub(crate) bytes_each: f64,
    /// Of one core, while nothing is said.
    pub(crate) idle_cores: f64,
}

/// Opens so many connections in full rooms, lets them rest, and counts.
pub(crate) fn run(kind: Kind, connections: usize, rest: Rest) -> Result<Held> {
    let subject = Subject::start(kind, connections.div_ceil(EACH))?;
    subject.settle(SETTLE)?;
    let before = subject.pid().resident()?;
    let mut rooms = fill(&subject.listening, EACH)?;
    let count = rooms.iter().map(Vec::len).sum();
    let stop = AtomicBool::new(false);
    let (after, idle) = std::thread::scope(|scope| {
        let answering = scope.spawn(|| answer(&mut rooms, &stop));
        let measured = (|| {
            std::thread::sleep(rest.before);
            let (from, cpu) = (std::time::Instant::now(), subject.pid().cpu()?);
            std::thread::sleep(rest.watched);
            let used = subject.pid().cpu()?.saturating_sub(cpu);
            let idle = used.as_secs_f64() / from.elapsed().as_secs_f64();
            anyhow::Ok((subject.pid().resident()?, idle))
        })();
        stop.store(true, Ordering::Relaxed);
        match answering.join() {
            Ok(answered) => answered.and(measured),
            Err(_) => bail!("a thread of the client failed"),
        }
    })?;
    #[expect(clippy::cast_precision_loss, reason = "bytes of a process")]
    let bytes_each = after.saturating_sub(before) as f64 / count as f64;
    Ok(Held {
        connections: count,
        bytes_each,
        idle_cores: idle,
    })
}

fn answer(rooms: &mut [Vec<Seat>], stop: &AtomicBool) -> Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    while !stop.load(Ordering::Relaxed) {
        for seat in rooms.iter_mut().flatten() {
            match seat.pipe.read(&mut buffer) {
                Ok(0) => bail!("the server has closed a connection"),
                Ok(read) => seat.incoming.put(buffer.get(..read).unwrap_or_default()),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => return Err(error.into()),
            }
            let mut pings = 0;
            while let Some((head, _)) = seat.incoming.next() {
                pings += usize::from(head == PING);
            }
            for _ in 0..pings {
                seat.pipe.write(&pong())?;
            }
            seat.incoming.shrink();
        }
        std::thread::sleep(ANSWER_EVERY);
    }
    Ok(())
}
