//! Signals at a fixed rate for a fixed time, and how long each took.
//!
//! Open loop: each message has its time on a schedule that does not care how the server does, and its latency counts from that time
//! on. A server that stalls is charged for all that should have been sent meanwhile. One thread writes and one reads, with one clock.

mod listen;
mod message;
mod speak;

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use serde::Serialize;

use crate::process::Pid;
use crate::seat::Seat;
use crate::subject::Subject;
use message::Plan;

/// Before what is measured: caches, compilers and windows of TCP get warm.
const WARM_UP: Duration = Duration::from_secs(1);
/// For what is still under way when the last was sent.
const DRAIN: Duration = Duration::from_secs(3);

/// What one run is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Load {
    /// Messages a second, of all clients.
    pub(crate) rate: u32,
    pub(crate) time: Duration,
}

/// What one run gave.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Measured {
    pub(crate) rate: u32,
    pub(crate) sent: usize,
    pub(crate) received: usize,
    /// Came later than one that was sent after it on the same way.
    pub(crate) out_of_order: usize,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
    pub(crate) max_ms: f64,
    /// The server's processor time for one message.
    pub(crate) server_us: f64,
    /// Of one core.
    pub(crate) server_cores: f64,
    /// The client's, to show that it was not what limited.
    pub(crate) client_cores: f64,
    /// The longest that a message was written after its time.
    pub(crate) late_ms: f64,
}

/// Sends signals within the rooms, and waits for them.
pub(crate) fn run(subject: &Subject, rooms: &mut [Vec<Seat>], load: Load) -> Result<Measured> {
    listen::skip(rooms)?;
    let messages = |time: Duration| -> Result<usize> {
        let messages = u128::from(load.rate) * time.as_millis() / 1_000;
        Ok(usize::try_from(messages)?)
    };
    let (total, warm) = (messages(WARM_UP + load.time)?, messages(WARM_UP)?);
    let plan = Plan::new(rooms, load.rate, total);
    let begin = Instant::now() + Duration::from_millis(50);
    let stop = AtomicBool::new(false);
    let (spoken, heard, cpu) = std::thread::scope(|scope| {
        let heard = scope.spawn(|| listen::listen(&plan, begin, &stop));
        let spoken = scope.spawn(|| speak::speak(&plan, begin));
        sleep_until(begin + WARM_UP);
        let before = both(subject)?;
        let from = Instant::now();
        sleep_until(begin + WARM_UP + load.time);
        let after = both(subject)?;
        let span = from.elapsed();
        let spoken = spoken.join();
        std::thread::sleep(if load.rate > 2_000 {
            DRAIN / 3
        } else {
            DRAIN / 6
        });
        stop.store(true, Ordering::Relaxed);
        let heard = heard.join();
        let used = |after: Duration, before: Duration| after.saturating_sub(before);
        let server = used(after.0, before.0);
        let client = used(after.1, before.1);
        anyhow::Ok((spoken, heard, (server, client, span)))
    })?;
    let (Ok(spoken), Ok(heard)) = (spoken, heard) else {
        bail!("a thread of the client failed");
    };
    let (late, heard) = (spoken?, heard?);
    let (server, client, span) = cpu;
    let mut latencies: Vec<f64> = heard
        .latencies
        .iter()
        .skip(warm)
        .filter_map(|latency| *latency)
        .map(|latency| latency.as_secs_f64() * 1e3)
        .collect();
    latencies.sort_by(f64::total_cmp);
    let messages = f64::from(load.rate) * span.as_secs_f64();
    Ok(Measured {
        rate: load.rate,
        sent: total,
        received: heard.latencies.iter().flatten().count(),
        out_of_order: heard.out_of_order,
        p50_ms: quantile(&latencies, 0.5),
        p99_ms: quantile(&latencies, 0.99),
        max_ms: quantile(&latencies, 1.0),
        server_us: server.as_secs_f64() * 1e6 / messages,
        server_cores: server.as_secs_f64() / span.as_secs_f64(),
        client_cores: client.as_secs_f64() / span.as_secs_f64(),
        late_ms: late.as_secs_f64() * 1e3,
    })
}

fn both(subject: &Subject) -> Result<(Duration, Duration)> {
    Ok((subject.pid().cpu()?, Pid::own().coarse()?))
}

fn sleep_until(at: Instant) {
    std::thread::sleep(at.saturating_duration_since(Instant::now()));
}

/// Of sorted values; 0 of none.
pub(crate) fn quantile(sorted: &[f64], part: f64) -> f64 {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a place in a list"
    )]
    let place = (sorted.len().saturating_sub(1) as f64 * part).round() as usize;
    sorted.get(place).copied().unwrap_or(0.0)
}
