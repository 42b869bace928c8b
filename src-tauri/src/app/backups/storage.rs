//! S3-compatible storage as the owner's window says it, and as the crate `backups` wants it.

use std::path::PathBuf;

use backups::s3::Place;
use loyalty::{Code, Refusal};

use crate::views::BackupStorage;

/// Reads what was typed.
///
/// # Errors
/// `bad_name` with the field that can't be right; `missing` where there is no such file of certificates.
pub(super) fn place_of(edit: &BackupStorage) -> Result<Place, Refusal> {
    let text = |text: &str| text.trim().to_owned();
    let ca_file = Some(text(&edit.ca_file))
        .filter(|path| !path.is_empty())
        .map(PathBuf::from);
    if let Some(path) = &ca_file
        && !(path.is_absolute() && path.is_file())
    {
        return Err(Refusal::of(Code::Missing, "ca_file", &edit.ca_file));
    }
    let place = Place {
        endpoint: text(&edit.endpoint),
        region: text(&edit.region),
        bucket: text(&edit.bucket),
        prefix: text(&edit.prefix),
        key_id: text(&edit.key_id),
        path_style: edit.path_style,
        ca_file,
    };
    match place.check() {
        Ok(_) => Ok(place),
        Err(error) => {
            // The field stands at the head of what is wrong.
            let field = error.detail.split(':').next().unwrap_or_default().to_owned();
            Err(Refusal::of(Code::BadName, &field, ""))
        }
    }
}

/// What the window shows of it.
pub(super) fn shown(place: &Place) -> BackupStorage {
    BackupStorage {
        endpoint: place.endpoint.clone(),
        region: place.region.clone(),
        bucket: place.bucket.clone(),
        prefix: place.prefix.clone(),
        key_id: place.key_id.clone(),
        path_style: place.path_style,
        ca_file: place
            .ca_file
            .as_ref()
            .map(|path| path.display().to_string())
            .unwrap_or_default(),
    }
}
