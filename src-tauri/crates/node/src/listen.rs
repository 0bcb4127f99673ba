//! Opening the port of a meeting, on IPv4 and IPv6 alike.

use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::TcpListener;

/// Ports tried after the one wished for, before any free one will do: a guest who guesses the port finds it near.
const NEXT_PORTS: u16 = 20;
/// Tries to find a port that is free in both versions of IP.
const ANY_PORT_TRIES: u32 = 8;
/// Connections that wait to be accepted: a room full of people who come back at once, and some.
const BACKLOG: i32 = 256;

/// An open port.
#[derive(Debug)]
pub(crate) struct Listening {
    /// All on one port. IPv6 is missing where the system has none.
    pub(crate) listeners: Vec<TcpListener>,
    pub(crate) port: u16,
    /// The wished port was taken.
    pub(crate) changed: bool,
}

/// Listens on `wished`, else one of the ports after it, else any. 0 wishes any.
pub(crate) fn listen(wished: u16) -> io::Result<Listening> {
    if wished != 0 {
        for port in wished..=wished.saturating_add(NEXT_PORTS) {
            match bind_both(port) {
                Ok(listeners) => {
                    return Ok(Listening {
                        listeners,
                        port,
                        changed: port != wished,
                    });
                }
                Err(error) => tracing::info!(port, %error, "the port cannot be used"),
            }
        }
    }
    let mut last = io::Error::from(io::ErrorKind::AddrInUse);
    for _ in 0..ANY_PORT_TRIES {
        match bind_any() {
            Ok((listeners, port)) => {
                return Ok(Listening {
                    listeners,
                    port,
                    changed: wished != 0,
                });
            }
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn bind_any() -> io::Result<(Vec<TcpListener>, u16)> {
    let v4 = bind(SocketAddr::from((Ipv4Addr::UNSPECIFIED, 0)))?;
    let port = v4.local_addr()?.port();
    Ok((with_v6(v4, port)?, port))
}

fn bind_both(port: u16) -> io::Result<Vec<TcpListener>> {
    with_v6(bind(SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)))?, port)
}

fn with_v6(v4: TcpListener, port: u16) -> io::Result<Vec<TcpListener>> {
    match bind(SocketAddr::from((Ipv6Addr::UNSPECIFIED, port))) {
        Ok(v6) => Ok(vec![v4, v6]),
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => Err(error),
        Err(error) => {
            tracing::debug!(%error, "no IPv6");
            Ok(vec![v4])
        }
    }
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    if address.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    // A host that is started again gets its port at once, though its old connections linger. On Windows that is so
    // anyway, and the option would mean that another program may take the port over.
    #[cfg(unix)]
    socket.set_reuse_address(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    socket.set_nonblocking(true)?;
    TcpListener::from_std(socket.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_port_that_is_taken_gives_way_to_the_next() {
        let first = listen(0).unwrap();
        assert!(!first.changed);
        let second = listen(first.port).unwrap();
        assert!(second.changed);
        assert_ne!(second.port, first.port);
        for listener in &second.listeners {
            assert_eq!(listener.local_addr().unwrap().port(), second.port);
        }
    }

    #[tokio::test]
    async fn a_port_is_free_again_at_once_when_its_host_is_gone() {
        let first = listen(0).unwrap();
        let port = first.port;
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let client = tokio::net::TcpStream::connect(address).await.unwrap();
        let (served, _) = first.listeners.first().unwrap().accept().await.unwrap();
        // The server closes first, so its side of the connection lingers in TIME_WAIT.
        drop(served);
        drop(first);
        drop(client);
        let again = listen(port).unwrap();
        assert_eq!((again.port, again.changed), (port, false));
    }
}
