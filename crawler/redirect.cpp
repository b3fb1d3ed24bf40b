#include "crawler/redirect.h"

#include <algorithm>

namespace hw::crawler {

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

bool same_site(const Url& site, const Url& other) {
  if (site.host != other.host) return false;
  if (site.scheme == other.scheme) return site.port == other.port;
  return site.scheme == "http" && site.port == 80 && other.scheme == "https" && other.port == 443;
}

Result<Url> judge_redirect(const Document& answer, const std::vector<std::string>& visited) {
  const auto refused = [](const char* why) { return fail(ErrorCode::refused, why); };
  const auto location = answer.header("location");
  if (!location) return refused("a redirect that does not say where to");
  const auto from = parse_url(visited.back());
  const auto to = resolve_url(visited.back(), *location);
  if (!from || !to) return refused("a redirect to something that is no http or https address");
  if (!same_site(*from, *to)) {
    if (from->host == to->host && from->scheme == "https") return refused("a redirect from https back to http");
    return refused("a redirect to another host; if that is where the site lives now, name it in the source's url");
  }
  if (std::find(visited.begin(), visited.end(), to->text()) != visited.end())
    return refused("a redirect that runs in a circle");
  if (visited.size() > kMostHops) return refused("more than 5 redirects");
  return *to;
}

}  // namespace hw::crawler
