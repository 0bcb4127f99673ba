//! The command line.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use landline_node::address::{DEFAULT_PORT, is_meeting_id};
use landline_node::bot::{MAX_BOTS, View};
use landline_protocol::AccessMode;

const EXAMPLES: &str = "\
Examples:
  landline-node host --title \"Stand-up\" --name Ana    host a meeting, show its link and QR code
  landline-node host --json                          the same for programs: one line of JSON once ready
  landline-node host --id 5f2c… --port 4717          open an earlier meeting again, seats are given back
  landline-node list --seconds 5                     which meetings are there?
  landline-node ui                                   Landline in a browser of this computer
  landline-node bot --meeting 5f2c… --count 8        eight test participants in a meeting

Environment:
  RUST_LOG               what is logged to standard error, for example info or landline_node=debug
  LANDLINE_CONFIG_DIR    folder for settings and certificate instead of the platform's

Meetings are found by multicast DNS on the local network; nothing leaves it. Ctrl-C or SIGTERM ends a command in order;
on Unix SIGUSR1 makes it say how many tasks it has.";

/// Meetings for the people on one local network, without a window.
#[derive(Debug, Parser)]
#[command(name = "landline-node", version, after_help = EXAMPLES)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Host a meeting until Ctrl-C
    Host(HostArguments),
    /// Print the meetings on the local network
    List(ListArguments),
    /// Serve Landline to a browser of this computer until Ctrl-C
    Ui(UiArguments),
    /// Join a meeting as test participants: send a moving picture and a tone, count what comes. Prints JSON, one object a line
    Bot(BotArguments),
}

#[derive(Debug, Args)]
pub(crate) struct HostArguments {
    /// What people see in their list [default: "Meeting of" and the name]
    #[arg(long)]
    pub(crate) title: Option<String>,
    /// The host's name [default: the one in the settings, else this computer's]
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// The port to listen on; if it is taken, the next free one. 0 takes any
    #[arg(long, default_value_t = DEFAULT_PORT)]
    pub(crate) port: u16,
    /// Open the meeting with this id again, if it was this computer's and no other one has it: those who were in it get their
    /// seats back
    #[arg(long, value_parser = meeting_id)]
    pub(crate) id: Option<String>,
    /// Who comes in without being asked for
    #[arg(long, value_enum, default_value_t = Access::Open)]
    pub(crate) access: Access,
    /// Lists of others show neither title nor name, and the certificate is one for this meeting alone
    #[arg(long)]
    pub(crate) private: bool,
    /// Print one line of JSON once ready: meetingId, title, guestUrl, localUrl, fingerprint, port, code
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Access {
    /// Everybody
    Open,
    /// Who knows the code, which is printed, or has the guest link
    Code,
    /// Nobody: the host lets people in
    Lobby,
    /// Nobody
    Locked,
}

impl From<Access> for AccessMode {
    fn from(access: Access) -> Self {
        match access {
            Access::Open => Self::Open,
            Access::Code => Self::Code,
            Access::Lobby => Self::Lobby,
            Access::Locked => Self::Locked,
        }
    }
}

#[derive(Debug, Args)]
pub(crate) struct ListArguments {
    /// How long to look
    #[arg(long, default_value = "3", value_name = "SECONDS", value_parser = seconds)]
    pub(crate) seconds: Duration,
    /// Print one object of JSON a line as meetings are found: meetingId, title, host, participants, addresses, port,
    /// fingerprint, locked
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct UiArguments {
    /// Print one line of JSON once ready: localUrl
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct BotArguments {
    /// The meeting: its id, a guest link, or the host's address
    #[arg(long, value_name = "ID|ADDRESS|LINK")]
    pub(crate) meeting: String,
    /// The name that others see; with more than one, numbers follow it
    #[arg(long, default_value = "Bot")]
    pub(crate) name: String,
    /// Send the frames of this IVF file (VP8) instead of the test picture. More than once: the same picture in other sizes, frame for
    /// frame alike
    #[arg(long, value_name = "FILE.ivf")]
    pub(crate) video: Vec<PathBuf>,
    /// How many participants
    #[arg(long, default_value = "1", value_parser = bots)]
    pub(crate) count: usize,
    /// Leave after so long [default: at Ctrl-C or SIGTERM]
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) seconds: Option<Duration>,
    /// Give back to each participant, a second later, what it sends
    #[arg(long)]
    pub(crate) echo: bool,
    /// Let the participants of this process talk to each other as well
    #[arg(long)]
    pub(crate) mesh: bool,
    /// Be heard by turns of so many seconds, one of them at a time; the others are silent
    #[arg(long, value_name = "SECONDS", num_args = 0..=1, default_missing_value = "4", value_parser = seconds)]
    pub(crate) speak: Option<Duration>,
    /// Say that they show everybody's pictures so high, in pixels, and so many a second; 0 for none [default: say nothing, and be sent
    /// everything]
    #[arg(long, value_name = "HEIGHT[@FRAMES]")]
    pub(crate) views: Option<View>,
    /// Print counters every so often
    #[arg(long, default_value = "1", value_name = "SECONDS", value_parser = seconds)]
    pub(crate) report: Duration,
}

fn bots(text: &str) -> Result<usize, String> {
    text.parse()
        .ok()
        .filter(|count| (1..=MAX_BOTS).contains(count))
        .ok_or_else(|| format!("a number from 1 to {MAX_BOTS}"))
}

fn meeting_id(text: &str) -> Result<String, &'static str> {
    if is_meeting_id(text) {
        Ok(text.to_owned())
    } else {
        Err("a meeting id has 1 to 64 letters, digits, hyphens or underscores")
    }
}

fn seconds(text: &str) -> Result<Duration, &'static str> {
    text.parse()
        .ok()
        .filter(|seconds| (0.1..=86_400.0).contains(seconds))
        .map(Duration::from_secs_f64)
        .ok_or("a number of seconds from 0.1 to 86400")
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory as _;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn bad_values_are_refused() {
        for bad in [
            ["host", "--id", ""],
            ["host", "--id", "a b"],
            ["host", "--port", "70000"],
            ["list", "--seconds", "0"],
            ["list", "--seconds", "NaN"],
            ["bot", "--name", "Nobody"],
            ["bot", "--meeting=x", "--count=0"],
            ["bot", "--meeting=x", "--count=32"],
            ["bot", "--meeting=x", "--views=x"],
            ["bot", "--meeting=x", "--report=0"],
        ] {
            let line = ["landline-node"].into_iter().chain(bad);
            assert!(Arguments::try_parse_from(line).is_err(), "{bad:?}");
        }
    }
}
