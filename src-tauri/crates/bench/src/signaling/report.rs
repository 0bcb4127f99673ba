//! The figures as a table.

use crate::load::Measured;

use super::{Figures, Row};

pub(super) fn print(figures: &Figures) {
    println!(
        "\n{:<16}{:>8}{:>9}{:>9}{:>9}{:>11}{:>9}{:>9}{:>9}",
        "signals", "rate/s", "p50 ms", "p99 ms", "max ms", "server µs", "cores", "client", "lost"
    );
    for row in &figures.rows {
        println!(
            "{:<16}{:>8}{:>9.2}{:>9.2}{:>9.2}{:>11.2}{:>9.3}{:>9.2}{:>9}",
            row.server,
            row.rate,
            row.median(|run| run.p50_ms),
            row.median(|run| run.p99_ms),
            row.median(|run| run.max_ms),
            row.median(|run| run.server_us),
            row.median(|run| run.server_cores),
            row.median(|run| run.client_cores),
            lost(row),
        );
    }
    if !figures.idle.is_empty() {
        println!(
            "\n{:<16}{:>12}{:>14}{:>14}",
            "idle", "connections", "bytes each", "cores"
        );
        for idle in &figures.idle {
            println!(
                "{:<16}{:>12}{:>14.0}{:>14.3}",
                idle.server, idle.held.connections, idle.held.bytes_each, idle.held.idle_cores
            );
        }
    }
    if !figures.most.is_empty() {
        println!("\n{:<16}{:>12}", "carries", "rate/s");
        for most in &figures.most {
            println!("{:<16}{:>12}", most.server, most.rate);
        }
    }
}

fn lost(row: &Row) -> usize {
    let lost = |run: &Measured| run.sent - run.received + run.out_of_order;
    row.runs.iter().map(lost).sum()
}
