//! The thread that writes.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use super::message::Plan;

/// Below this time a sleep takes longer than asked for, so the next message goes early rather than late: not before its time,
/// but the thread waits awake.
const AWAKE: Duration = Duration::from_micros(20);

/// Writes each message at its time. How late the latest was.
pub(super) fn speak(plan: &Plan<'_>, begin: Instant) -> Result<Duration> {
    sleep_exactly();
    let mut out = Vec::new();
    let mut latest = Duration::ZERO;
    for number in 0..plan.total {
        let way = plan.way(number).context("nobody to speak to")?;
        let seat = plan.seats.get(way.from).context("no such seat")?;
        way.write(number, &mut out);
        let due = begin + plan.due(number);
        let late = wait_until(due);
        latest = latest.max(late);
        seat.pipe.write(&out)?;
    }
    Ok(latest)
}

fn wait_until(due: Instant) -> Duration {
    loop {
        let now = Instant::now();
        let Some(rest) = due.checked_duration_since(now) else {
            return now - due;
        };
        match rest.checked_sub(AWAKE) {
            Some(asleep) if !asleep.is_zero() => std::thread::sleep(asleep),
            _ => std::hint::spin_loop(),
        }
    }
}

/// The kernel may wake a thread 50 µs late; this one it wakes in time, where it lets us say so.
fn sleep_exactly() {
    if let Ok(task) = std::fs::read_link("/proc/thread-self")
        && let Some(id) = task.file_name()
    {
        let file = std::path::Path::new("/proc").join(id).join("timerslack_ns");
        // Without it the messages go a little later, which is measured.
        let _ = std::fs::write(file, "1000");
    }
}
