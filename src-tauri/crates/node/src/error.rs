//! Failed requests, with a code for the page and a detail for people who want to know more.

use std::fmt::Display;

use landline_protocol::node_api::{NodeError, NodeErrorCode};

pub(crate) fn node_error(code: NodeErrorCode, detail: impl Display) -> NodeError {
    NodeError {
        code,
        message: detail.to_string(),
    }
}
