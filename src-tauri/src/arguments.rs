//! The command line: a meeting to open, and nothing else. The same for the first start and for a later one, whose arguments
//! reach the running app through the single-instance plugin.
//!
//! Invariant: no secret is accepted here, since every process of the machine can read a command line. A guest link is none:
//! it is what people hand around.

use landline_protocol::node_api::Target;

/// A guest link has about 130 characters; a longer argument is not one.
const MAX_TARGET: usize = 2048;

pub(crate) const HELP: &str = "\
Landline: meetings for the people on one local network

Usage: landline [MEETING]

Arguments:
  [MEETING]  A meeting to open: a guest link, or an address such as 192.168.1.20:4717.
             If Landline runs already, its window opens the meeting.

Options:
  -h, --help     Print this help
  -V, --version  Print the version

Environment:
  RUST_LOG                  What is logged, for example `debug` or `landline=debug,warn`
  LANDLINE_CONFIG_DIR       Where settings, certificate and window size are kept
  LANDLINE_CALLS_IN_WINDOW  0: calls open in the default browser (Linux)

To host or list meetings without a window: landline-node --help
";

/// What the command line asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Wish {
    Help,
    Version,
    /// Show the window, with this meeting if there is one.
    Window(Option<Target>),
}

/// Reads a command line; its first element is the program. Options that are not known are passed over, because systems add
/// their own (macOS `-psn_…`, drivers of tests, desktop environments).
pub(crate) fn parse(arguments: impl IntoIterator<Item = String>) -> Wish {
    let mut target = None;
    for argument in arguments.into_iter().skip(1) {
        match argument.as_str() {
            "-h" | "--help" => return Wish::Help,
            "-V" | "--version" => return Wish::Version,
            option if option.starts_with('-') => {}
            text if target.is_none() && text.len() <= MAX_TARGET && !text.trim().is_empty() => {
                target = Some(Target::Address {
                    text: text.trim().to_owned(),
                });
            }
            _ => {}
        }
    }
    Wish::Window(target)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(arguments: &[&str]) -> Wish {
        parse(
            std::iter::once("landline")
                .chain(arguments.iter().copied())
                .map(str::to_owned),
        )
    }

    fn opens(text: &str) -> Wish {
        Wish::Window(Some(Target::Address {
            text: text.to_owned(),
        }))
    }

    #[test]
    fn no_argument_opens_the_window() {
        assert_eq!(parsed(&[]), Wish::Window(None));
        assert_eq!(parse(Vec::new()), Wish::Window(None));
    }

    #[test]
    fn a_link_or_an_address_is_a_meeting_to_open() {
        let link = "https://192.168.1.20:4717/#m=abc&fp=00";
        assert_eq!(parsed(&[link]), opens(link));
        assert_eq!(parsed(&["  10.0.0.2:4717 "]), opens("10.0.0.2:4717"));
    }

    #[test]
    fn unknown_options_and_further_arguments_are_passed_over() {
        assert_eq!(parsed(&["-psn_0_1", "--automation", "a", "b"]), opens("a"));
    }

    #[test]
    fn an_endless_argument_is_no_meeting() {
        assert_eq!(parsed(&[&"x".repeat(MAX_TARGET + 1)]), Wish::Window(None));
    }

    #[test]
    fn help_and_version_win_over_a_meeting() {
        assert_eq!(parsed(&["a", "--help"]), Wish::Help);
        assert_eq!(parsed(&["-V"]), Wish::Version);
    }
}
