#include "crawler/credentials.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "common/text.h"

namespace hw::crawler {
namespace {

using nlohmann::json;

constexpr std::size_t kLongestToken = 8192;
constexpr std::int64_t kLongestLifetime = 366LL * 24 * 3600;

std::string secret_of(const Secrets& secrets, const std::string& name) {
  const auto found = secrets.find(name);
  return found == secrets.end() ? std::string() : found->second;
}

std::string value_of(const TokenExchange::Field& field, const Secrets& secrets) {
  return field.credential.empty() ? field.value : secret_of(secrets, field.credential);
}

std::string form_of(const TokenExchange& exchange, const Secrets& secrets) {
  std::string body;
  for (const TokenExchange::Field& field : exchange.fields) {
    if (!body.empty()) body += '&';
    body += escape_parameter(field.name) + '=' + escape_parameter(value_of(field, secrets));
  }
  return body;
}

std::string json_of(const TokenExchange& exchange, const Secrets& secrets) {
  json body = json::object();
  for (const TokenExchange::Field& field : exchange.fields) body[field.name] = value_of(field, secrets);
  return body.dump(-1, ' ', false, json::error_handler_t::replace);
}

// What may stand in a header: no space, no control character.
bool usable_token(std::string_view token) {
  return !token.empty() && token.size() <= kLongestToken &&
         std::all_of(token.begin(), token.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

}  // namespace

std::string Credentials::key_of(const Access& access, const Secrets& secrets) {
  std::string key = access.exchange.endpoint;
  for (const auto& [name, secret] : secrets) key.append(1, '\0').append(name).append(1, '\0').append(secret);
  return key;
}

bool Credentials::lacks_token(const Access& access, const Secrets& secrets, Time now) const {
  if (access.exchange.endpoint.empty()) return false;
  const auto token = tokens_.find(key_of(access, secrets));
  return token == tokens_.end() || token->second.ends - kRenewBefore <= now;
}

FetchRequest Credentials::exchange(const Access& access, const Secrets& secrets) {
  const TokenExchange& exchange = access.exchange;
  FetchRequest request;
  request.request.url = exchange.endpoint;
  request.accept = "application/json";
  const bool form = exchange.body == TokenExchange::Body::form;
  request.post = form ? form_of(exchange, secrets) : json_of(exchange, secrets);
  request.post_type = form ? "application/x-www-form-urlencoded" : "application/json";
  if (!exchange.basic_user.empty()) {
    request.basic_user = secret_of(secrets, exchange.basic_user);
    request.basic_password = secret_of(secrets, exchange.basic_password);
  }
  return request;
}

Status Credentials::accept(const Access& access, const Secrets& secrets, const Document& answer, Time now) {
  const auto refused = [](std::string why) { return fail(ErrorCode::refused, std::move(why)); };
  if (answer.status >= 400 && answer.status < 500 && answer.status != 404)
    return refused(
        fmt::format("the token endpoint refuses the credentials ({}); check the variables that the source's "
                    "credentials name",
                    answer.status));
  if (answer.status != 200) return refused(fmt::format("the token endpoint answers {}", answer.status));
  const json body = json::parse(answer.body, nullptr, false);
  const auto token = body.is_object() ? body.find(access.exchange.token_key) : body.end();
  if (!body.is_object() || token == body.end() || !token->is_string() ||
      !usable_token(token->get_ref<const std::string&>()))
    return refused(
        "the token endpoint answers without a token; check the variables that the source's credentials name");
  Duration lifetime = access.exchange.lifetime;
  if (const auto told = body.find(access.exchange.lifetime_key); told != body.end() && told->is_number_integer())
    lifetime = std::chrono::seconds(std::clamp<std::int64_t>(told->get<std::int64_t>(), 0, kLongestLifetime));
  // One that ends at once would be asked for before every request.
  lifetime = std::max<Duration>(lifetime, 2 * kRenewBefore);
  tokens_.insert_or_assign(key_of(access, secrets), Token{token->get<std::string>(), now + lifetime});
  return {};
}

void Credentials::forget(const Access& access, const Secrets& secrets) { tokens_.erase(key_of(access, secrets)); }

bool Credentials::holds_token(const Access& access, const Secrets& secrets) const {
  return tokens_.contains(key_of(access, secrets));
}

void Credentials::show(const Access& access, const Secrets& secrets, const Url& target, FetchRequest& request) const {
  if (target.origin() != access.site) return;
  const auto token = tokens_.find(key_of(access, secrets));
  const bool exchanged = !access.exchange.endpoint.empty();
  const std::string secret = !exchanged               ? secret_of(secrets, access.credential)
                             : token != tokens_.end() ? token->second.text
                                                      : std::string();
  if (secret.empty()) return;
  if (access.show == Access::Show::bearer) request.authorization = "Bearer " + secret;
  if (access.show == Access::Show::parameter)
    request.secret_parameter = escape_parameter(access.parameter) + '=' + escape_parameter(secret);
}

}  // namespace hw::crawler
