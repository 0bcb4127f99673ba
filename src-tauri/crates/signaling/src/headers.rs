//! What every answer says to the browser that gets it.

use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderName, HeaderValue};

use crate::guard::Scheme;

/// Adds them; an answer's own cache rule stays. `host` has been checked.
pub(crate) fn add(headers: &mut HeaderMap, scheme: Scheme, host: &str) {
    if let Ok(policy) = HeaderValue::from_str(&content_security_policy(scheme, host)) {
        headers.insert(CONTENT_SECURITY_POLICY, policy);
    }
    let fixed = [
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(self), microphone=(self), display-capture=(self), screen-wake-lock=(self), \
             speaker-selection=(self), fullscreen=(self), autoplay=(self), geolocation=(), \
             payment=(), usb=()",
        ),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
}

/// Nothing but our own files. `'self'` does not cover sockets in Safari before 15.4, so the socket is named.
fn content_security_policy(scheme: Scheme, host: &str) -> String {
    let socket = scheme.socket();
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; \
         connect-src 'self' {socket}://{host}; media-src 'self' blob: mediastream:; worker-src 'self' blob:; \
         manifest-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
    )
}
