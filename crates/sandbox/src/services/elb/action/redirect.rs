//! Redirect actions.

use super::super::constraint::{invalid, length, one_of, port};
use super::RedirectConfig;
use super::accept::{Scene, bad_action};
use crate::refused::Refused;

/// Checks a redirect and fills in what AWS reads back. ELB API, RedirectActionConfig: components
/// that are not named stay as they are, and one of protocol, host, port and path has to change.
pub(super) fn accept(scene: Scene<'_>, config: &mut RedirectConfig) -> Result<(), Refused> {
    one_of(
        "actions.member.redirectConfig.statusCode",
        &config.status_code,
        &["HTTP_301", "HTTP_302"],
    )?;
    let filled = |given: &mut Option<String>, default: &str| {
        given.get_or_insert_with(|| default.to_owned()).clone()
    };
    let protocol = filled(&mut config.protocol, "#{protocol}");
    let number = filled(&mut config.port, "#{port}");
    let host = filled(&mut config.host, "#{host}");
    let path = filled(&mut config.path, "/#{path}");
    let query = filled(&mut config.query, "#{query}");
    if !["HTTP", "HTTPS", "#{protocol}"].contains(&protocol.as_str()) {
        return Err(invalid(format!(
            "1 validation error detected: Value '{protocol}' at \
             'actions.member.redirectConfig.protocol' failed to satisfy constraint: Member must \
             satisfy regular expression pattern: ^(HTTPS?|#\\{{protocol\\}})$"
        )));
    }
    if number != "#{port}" {
        let known = number.parse().is_ok_and(|number| port("port", number).is_ok());
        if !known {
            return Err(invalid(format!(
                "The port '{number}' must be a value between 1 and 65535 or '#{{port}}'"
            )));
        }
    }
    length("actions.member.redirectConfig.host", &host, 1, 128)?;
    length("actions.member.redirectConfig.path", &path, 1, 128)?;
    length("actions.member.redirectConfig.query", &query, 0, 128)?;
    if !path.starts_with('/') {
        return Err(invalid(format!("The path '{path}' must begin with a '/'")));
    }
    if scene.protocol == "HTTPS" && protocol == "HTTP" {
        return Err(bad_action("A redirect from HTTPS to HTTP is not allowed"));
    }
    let stays = protocol == "#{protocol}" || protocol == scene.protocol;
    let same_port = number == "#{port}" || number == scene.port.to_string();
    if stays && same_port && host == "#{host}" && path == "/#{path}" {
        return Err(bad_action(
            "The redirect configuration is not valid because it creates a loop.",
        ));
    }
    Ok(())
}
