//! Runtime features of WebKitGTK, which its public interface has since 2.42 and the bindings do not: `WebKitFeature.h`.
//!
//! The functions are looked up when the program runs, so that it starts with an older library as well, where they are missing.
//! The one place of this repository with unsafe code; `cargo xtask check` sees to that.
#![expect(unsafe_code, reason = "the bindings of WebKitGTK lack these functions")]

use std::ffi::{CStr, c_char, c_int, c_void};

use webkit2gtk::Settings;
use webkit2gtk::glib::prelude::*;

/// This WebKitGTK has no runtime features to set: older than 2.42.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("this WebKitGTK is older than 2.42")]
pub(super) struct TooOld;

/// Switches features, known by their identifiers, on or off. What comes back are those that this WebKitGTK does not have.
/// On the main thread, as everything of GTK.
///
/// # Errors
/// [`TooOld`].
pub(super) fn set(
    settings: &Settings,
    wanted: &[(&'static str, bool)],
) -> Result<Vec<&'static str>, TooOld> {
    let library = Library::find().ok_or(TooOld)?;
    let mut missing: Vec<&str> = wanted.iter().map(|(name, _)| *name).collect();
    // SAFETY: takes nothing; what comes back is a reference of ours (transfer full), given back below, or null.
    let list = unsafe { (library.all_features)() };
    if list.is_null() {
        return Err(TooOld);
    }
    // SAFETY: `list` is not null and still ours.
    let length = unsafe { (library.length)(list) };
    for index in 0..length {
        // SAFETY: `index` is below the length; the feature belongs to the list (transfer none), which outlives this loop.
        let feature = unsafe { (library.get)(list, index) };
        if feature.is_null() {
            continue;
        }
        // SAFETY: `feature` is not null; its identifier is a string that ends in zero and lives as long as the feature.
        let identifier = unsafe { (library.identifier)(feature) };
        if identifier.is_null() {
            continue;
        }
        // SAFETY: as above; it is read here and not kept.
        let identifier = unsafe { CStr::from_ptr(identifier) };
        for &(name, enabled) in wanted {
            if identifier.to_bytes() == name.as_bytes() {
                // SAFETY: `settings` is a live WebKitSettings, which the borrow keeps; `feature` is alive as said above.
                unsafe {
                    (library.set_enabled)(settings.as_ptr().cast(), feature, c_int::from(enabled));
                }
                missing.retain(|other| *other != name);
            }
        }
    }
    // SAFETY: the reference that `all_features` gave, given back once; nothing of the list is used after this.
    unsafe { (library.unref)(list) };
    Ok(missing)
}

/// `WebKitFeatureList`, `WebKitFeature` and `WebKitSettings` are never looked into.
type Opaque = *mut c_void;

/// The functions as `WebKitFeature.h` and `WebKitSettings.h` declare them.
struct Library {
    all_features: unsafe extern "C" fn() -> Opaque,
    length: unsafe extern "C" fn(Opaque) -> usize,
    get: unsafe extern "C" fn(Opaque, usize) -> Opaque,
    identifier: unsafe extern "C" fn(Opaque) -> *const c_char,
    set_enabled: unsafe extern "C" fn(Opaque, Opaque, c_int),
    unref: unsafe extern "C" fn(Opaque),
}

impl Library {
    fn find() -> Option<Self> {
        // SAFETY: each name stands beside the type that the header gives it; `symbol` asks for no more.
        unsafe {
            Some(Self {
                all_features: std::mem::transmute::<Opaque, unsafe extern "C" fn() -> Opaque>(
                    symbol(c"webkit_settings_get_all_features")?,
                ),
                length: std::mem::transmute::<Opaque, unsafe extern "C" fn(Opaque) -> usize>(
                    symbol(c"webkit_feature_list_get_length")?,
                ),
                get: std::mem::transmute::<Opaque, unsafe extern "C" fn(Opaque, usize) -> Opaque>(
                    symbol(c"webkit_feature_list_get")?,
                ),
                identifier: std::mem::transmute::<
                    Opaque,
                    unsafe extern "C" fn(Opaque) -> *const c_char,
                >(symbol(c"webkit_feature_get_identifier")?),
                set_enabled: std::mem::transmute::<
                    Opaque,
                    unsafe extern "C" fn(Opaque, Opaque, c_int),
                >(symbol(c"webkit_settings_set_feature_enabled")?),
                unref: std::mem::transmute::<Opaque, unsafe extern "C" fn(Opaque)>(symbol(
                    c"webkit_feature_list_unref",
                )?),
            })
        }
    }
}

/// A function of the libraries that this program is linked with.
fn symbol(name: &CStr) -> Option<Opaque> {
    // SAFETY: the name ends in zero; any name may be asked for.
    let found = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
    (!found.is_null()).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_that_is_not_there_is_no_reason_to_stop() {
        assert!(symbol(c"getpid").is_some());
        assert!(symbol(c"webkit_settings_from_the_future").is_none());
    }
}
