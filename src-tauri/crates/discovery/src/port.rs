//! Whether the port of multicast DNS can be had.
//!
//! The library opens its sockets on a thread of its own and only logs when that fails, so discovery would look well and find
//! nothing. Therefore the same bind is tried first, and its error told.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use mdns_sd::MDNS_PORT;
use socket2::{Domain, Protocol, Socket, Type};

use crate::interfaces::LocalAddress;

/// Versions of IP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Families {
    pub(crate) v4: bool,
    pub(crate) v6: bool,
}

impl Families {
    /// Those that some addresses have.
    pub(crate) fn of(addresses: &[LocalAddress]) -> Self {
        Self {
            v4: addresses.iter().any(|own| own.address.is_ipv4()),
            v6: addresses.iter().any(|own| own.address.is_ipv6()),
        }
    }

    pub(crate) fn has(self, address: &LocalAddress) -> bool {
        if address.address.is_ipv4() {
            self.v4
        } else {
            self.v6
        }
    }
}

/// Why multicast DNS cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PortError {
    #[error(
        "UDP port {MDNS_PORT}, which multicast DNS needs, is held by another program that does not share it"
    )]
    Taken,
    #[error("this program may not open UDP port {MDNS_PORT}, which multicast DNS needs")]
    Denied,
    #[error("UDP port {MDNS_PORT}, which multicast DNS needs, cannot be opened: {0}")]
    Other(io::Error),
}

/// Which of the wanted families can be had.
///
/// # Errors
/// If none can.
pub(crate) fn available(wanted: Families) -> Result<Families, PortError> {
    let v4 = wanted
        .v4
        .then(|| bind((Ipv4Addr::UNSPECIFIED, MDNS_PORT).into()));
    let v6 = wanted
        .v6
        .then(|| bind((Ipv6Addr::UNSPECIFIED, MDNS_PORT).into()));
    let got = Families {
        v4: matches!(v4, Some(Ok(()))),
        v6: matches!(v6, Some(Ok(()))),
    };
    match (v4, v6) {
        (Some(Err(error)), _) | (_, Some(Err(error))) if got == Families::default() => {
            Err(words(error))
        }
        _ => Ok(got),
    }
}

fn words(error: io::Error) -> PortError {
    match error.kind() {
        io::ErrorKind::AddrInUse => PortError::Taken,
        io::ErrorKind::PermissionDenied => PortError::Denied,
        _ => PortError::Other(error),
    }
}

/// Binds as the library does, with the port shared, and lets go at once.
fn bind(address: SocketAddr) -> io::Result<()> {
    shared_socket(address).map(drop)
}

/// A socket on an address that others may use too.
pub(crate) fn shared_socket(address: SocketAddr) -> io::Result<Socket> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::DGRAM,
        Some(Protocol::UDP),
    )?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    socket.set_reuse_address(true)?;
    #[cfg(unix)]
    socket.set_reuse_port(true)?;
    socket.bind(&address.into())?;
    Ok(socket)
}
