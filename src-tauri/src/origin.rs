//! Which page is ours. Permissions and navigation ask here, so that both draw the line at the same place.
//!
//! Invariant: at most two origins are ours, and each is exact: scheme, host and port.

use tauri::Url;

/// The origins from which the app's own page comes.
#[derive(Debug, Clone)]
pub(crate) struct OwnOrigins {
    /// Set while a development server serves the page instead of this program.
    dev_server: Option<Url>,
}

impl OwnOrigins {
    /// `dev_server` counts only in builds that load the page from it; release and test builds embed the page.
    pub(crate) fn new(dev_server: Option<&Url>) -> Self {
        Self {
            dev_server: dev_server.filter(|_| tauri::is_dev()).cloned(),
        }
    }

    /// As the webview writes them into `Origin` (RFC 6454 §6.1).
    pub(crate) fn serialized(&self) -> Vec<String> {
        let (scheme, host) = EMBEDDED;
        let embedded = format!("{scheme}://{host}");
        let dev_server = self
            .dev_server
            .as_ref()
            .map(|server| server.origin().ascii_serialization());
        std::iter::once(embedded).chain(dev_server).collect()
    }

    /// Whether `url` is a page of this program.
    pub(crate) fn contain(&self, url: &Url) -> bool {
        is_embedded_page(url)
            || self
                .dev_server
                .as_ref()
                .is_some_and(|server| same_origin(server, url))
    }
}

/// Scheme and host of what is served from this program's own memory. Each platform has one form only: where custom schemes
/// work, `http://tauri.localhost` would be whatever server listens on port 80 of this machine.
const EMBEDDED: (&str, &str) = if cfg!(windows) {
    ("http", "tauri.localhost")
} else {
    ("tauri", "localhost")
};

fn is_embedded_page(url: &Url) -> bool {
    let (scheme, host) = EMBEDDED;
    url.scheme() == scheme
        && url.host_str() == Some(host)
        && url.port().is_none()
        && url.username().is_empty()
        && url.password().is_none()
}

/// `Url::origin` makes every custom scheme an origin of its own, so the parts are compared.
fn same_origin(a: &Url, b: &Url) -> bool {
    a.scheme() == b.scheme()
        && a.host() == b.host()
        && a.port_or_known_default() == b.port_or_known_default()
        && b.username().is_empty()
        && b.password().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        text.parse().expect("a URL of this test")
    }

    fn embedded() -> &'static str {
        if cfg!(windows) {
            "http://tauri.localhost"
        } else {
            "tauri://localhost"
        }
    }

    #[test]
    fn origins_are_written_as_webviews_write_them() {
        let released = OwnOrigins { dev_server: None };
        assert_eq!(released.serialized(), [embedded()]);
        let developed = OwnOrigins {
            dev_server: Some(url("http://127.0.0.1:5173/index.html")),
        };
        assert_eq!(
            developed.serialized(),
            [embedded(), "http://127.0.0.1:5173"]
        );
    }

    #[test]
    fn the_embedded_page_is_ours_with_any_path_and_fragment() {
        let own = OwnOrigins { dev_server: None };
        for path in ["", "/", "/index.html", "/#/room", "/?x=1"] {
            assert!(
                own.contain(&url(&format!("{}{path}", embedded()))),
                "{path}"
            );
        }
    }

    #[test]
    fn other_hosts_schemes_and_ports_are_not_ours() {
        let own = OwnOrigins { dev_server: None };
        for foreign in [
            "tauri://localhost.example",
            "tauri://example",
            "tauri://localhost:8080/",
            "tauri://a@localhost/",
            "http://localhost/",
            "http://127.0.0.1:5173/",
            "https://tauri.localhost/",
            "http://tauri.localhost:8080/",
            "http://tauri.localhost.example/",
            "https://example.org/",
            "about:blank",
            "about:srcdoc",
            "data:text/html,x",
            "blob:tauri://localhost/0000",
            "file:///etc/passwd",
            "javascript:void 0",
        ] {
            assert!(!own.contain(&url(foreign)), "{foreign}");
        }
    }

    #[test]
    fn the_form_of_the_other_platforms_is_not_ours() {
        let own = OwnOrigins { dev_server: None };
        let other = if cfg!(windows) {
            "tauri://localhost/"
        } else {
            "http://tauri.localhost/"
        };
        assert!(!own.contain(&url(other)));
    }

    #[test]
    fn the_development_server_is_ours_at_its_port_only() {
        let own = OwnOrigins {
            dev_server: Some(url("http://127.0.0.1:5173")),
        };
        assert!(own.contain(&url("http://127.0.0.1:5173/src/main.ts")));
        assert!(own.contain(&url(embedded())));
        for foreign in [
            "http://127.0.0.1:5174/",
            "https://127.0.0.1:5173/",
            "http://localhost:5173/",
            "http://u:p@127.0.0.1:5173/",
        ] {
            assert!(!own.contain(&url(foreign)), "{foreign}");
        }
    }
}
