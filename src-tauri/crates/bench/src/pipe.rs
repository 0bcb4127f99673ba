//! A client's socket, plain or with TLS, which one thread may write while another reads.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, Result};
use data_encoding::HEXLOWER;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, RootCertStore};

/// A connection. Blocks until [`Pipe::unblock`].
pub(crate) struct Pipe {
    tcp: TcpStream,
    tls: Option<Mutex<ClientConnection>>,
}

/// Trusts the one certificate that a server said it has.
pub(crate) fn trust(certificate: Option<&str>) -> Result<Option<Arc<ClientConfig>>> {
    let Some(certificate) = certificate else {
        return Ok(None);
    };
    let mut roots = RootCertStore::empty();
    roots.add(HEXLOWER.decode(certificate.as_bytes())?.into())?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Some(Arc::new(config)))
}

impl Pipe {
    pub(crate) fn connect(port: u16, trust: Option<&Arc<ClientConfig>>) -> Result<Self> {
        let at = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let tcp = TcpStream::connect(at).with_context(|| format!("{at} does not answer"))?;
        tcp.set_nodelay(true)?;
        let tls = trust.map(|config| {
            let name = ServerName::from(std::net::IpAddr::from(Ipv4Addr::LOCALHOST));
            ClientConnection::new(Arc::clone(config), name).map(Mutex::new)
        });
        Ok(Self {
            tcp,
            tls: tls.transpose()?,
        })
    }

    /// From now on nothing waits.
    pub(crate) fn unblock(&self) -> io::Result<()> {
        self.tcp.set_nonblocking(true)
    }

    /// For a poll.
    pub(crate) fn tcp(&self) -> &TcpStream {
        &self.tcp
    }

    /// Writes all of it, waiting for room where there is none.
    pub(crate) fn write(&self, bytes: &[u8]) -> io::Result<()> {
        match &self.tls {
            None => all(&self.tcp, bytes),
            Some(tls) => {
                let mut tls = lock(tls);
                tls.writer().write_all(bytes)?;
                self.push(&mut tls)
            }
        }
    }

    /// Reads what is there. `WouldBlock`: nothing.
    pub(crate) fn read(&self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(tls) = &self.tls else {
            return (&self.tcp).read(buffer);
        };
        let mut tls = lock(tls);
        loop {
            match tls.reader().read(buffer) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                done => return done,
            }
            self.push(&mut tls)?;
            if tls.read_tls(&mut &self.tcp)? == 0 {
                return Ok(0);
            }
            tls.process_new_packets().map_err(io::Error::other)?;
            self.push(&mut tls)?;
        }
    }

    fn push(&self, tls: &mut ClientConnection) -> io::Result<()> {
        while tls.wants_write() {
            match tls.write_tls(&mut &self.tcp) {
                Err(error) if error.kind() == ErrorKind::WouldBlock => std::thread::yield_now(),
                other => {
                    other?;
                }
            }
        }
        Ok(())
    }
}

fn all(mut tcp: &TcpStream, mut bytes: &[u8]) -> io::Result<()> {
    while !bytes.is_empty() {
        match tcp.write(bytes) {
            Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
            Err(error) if error.kind() == ErrorKind::WouldBlock => std::thread::yield_now(),
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

fn lock(tls: &Mutex<ClientConnection>) -> MutexGuard<'_, ClientConnection> {
    tls.lock().unwrap_or_else(PoisonError::into_inner)
}
