// STIX 2.1 (OASIS): a bundle, written object by object.
//
// A handle and an account are `user-account`s, a post is a `url`, that it was seen is `observed-data`, that an account
// posted a handle is a `relationship` related-to, the reviewers' verdict is an `opinion`. There is no indicator, no
// threat actor and no identity of a person: what is exported is a lead. Ids are random, because an id derived from a
// handle would be a fingerprint of it.
#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "app/caution.h"
#include "app/handle_writer.h"
#include "common/url.h"
#include "common/uuid.h"

namespace hw::app {
namespace {

using nlohmann::ordered_json;

// TLP 2.0 as OASIS published it for STIX 2.1 on 1 October 2022.
constexpr std::string_view kTlpId = "marking-definition--939a9414-2ddd-4d32-a0cd-375ea402b003";
constexpr std::string_view kTlpExtension = "extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d";

std::string stix_time(Time time) {
  std::string text = to_rfc3339(time);
  if (text.find('.') == std::string::npos) text.insert(text.size() - 1, ".000");
  return text;
}

std::string id_of(std::string_view type) { return fmt::format("{}--{}", type, random_uuid()); }

class StixWriter final : public HandleWriter {
 public:
  StixWriter(ExportContext context, std::ostream& out) : context_(std::move(context)), out_(out) {}

  void begin() override {
    out_ << fmt::format("{{\"type\":\"bundle\",\"id\":\"{}\",\"objects\":[", id_of("bundle"));
    put({{"type", "marking-definition"},
         {"spec_version", "2.1"},
         {"id", kTlpId},
         {"created", "2022-10-01T00:00:00.000Z"},
         {"name", kMarking},
         {"extensions",
          {{std::string(kTlpExtension), {{"extension_type", "property-extension"}, {"tlp_2_0", "amber+strict"}}}}}});
  }

  bool wants_adverts() const override { return true; }

  Status add(const db::ExportedHandle& handle) override {
    const std::string account = put_observable(
        {{"type", "user-account"}, {"user_id", handle.name.handle}, {"account_type", handle.name.messenger}});
    ordered_json seen = ordered_json::array();
    for (const db::Judged& advert : handle.adverts) seen.push_back(add_advert(handle, account, advert));
    if (seen.empty()) seen.push_back(add_sighting(handle.row, ordered_json::array({account})));
    ordered_json opinion = object("opinion");
    opinion["opinion"] = "agree";
    opinion["explanation"] = fmt::format(
        "{} different reviewers judged, each from a sign beyond the words, that this handle was advertised in this "
        "context. {} It holds for {} to {}.",
        handle.row.confirmations, kCaution, handle.row.first_day, handle.row.last_day);
    opinion["object_refs"] = std::move(seen);
    put(opinion);
    return {};
  }

  Status finish() override {
    out_ << "]}\n";
    return {};
  }

 private:
  // The observed-data of one post; gives its id.
  std::string add_advert(const db::ExportedHandle& handle, const std::string& account, const db::Judged& advert) {
    ordered_json refs = ordered_json::array({account});
    if (const auto url = parse_url(advert.post.url))
      refs.push_back(put_observable({{"type", "url"}, {"value", url->text()}}));
    const Post& post = advert.post;
    if (!post.author.empty() || !post.author_id.empty()) {
      ordered_json poster{{"type", "user-account"}, {"account_type", post.platform}};
      poster["user_id"] = post.author_id.empty() ? post.author : post.author_id;
      if (!post.author.empty()) poster["account_login"] = post.author;
      const std::string id = put_observable(poster);
      refs.push_back(id);
      ordered_json edge = object("relationship");
      edge["relationship_type"] = "related-to";
      edge["description"] = fmt::format("This account posted the handle. {}", kCaution);
      edge["source_ref"] = id;
      edge["target_ref"] = account;
      edge["start_time"] = stix_time(post.created_at.value_or(advert.seen_at));
      put(edge);
    }
    ordered_json observed = observed_data(advert.seen_at, advert.seen_at, 1, std::move(refs));
    observed["external_references"].push_back(
        {{"source_name", "handlewatch hit"}, {"description", handle.row.last_day}});
    put(observed);
    return observed["id"];
  }

  std::string add_sighting(const db::HandleRow& row, ordered_json refs) {
    const Time first = parse_rfc3339(row.first_day + "T00:00:00Z").value_or(context_.now);
    const Time last = parse_rfc3339(row.last_day + "T00:00:00Z").value_or(first);
    const ordered_json observed = observed_data(first, last, std::max<std::size_t>(row.hits, 1), std::move(refs));
    put(observed);
    return observed["id"];
  }

  ordered_json observed_data(Time first, Time last, std::size_t count, ordered_json refs) const {
    ordered_json observed = object("observed-data");
    observed["first_observed"] = stix_time(first);
    observed["last_observed"] = stix_time(last);
    observed["number_observed"] = count;
    observed["object_refs"] = std::move(refs);
    return observed;
  }

  // A domain or relationship object without its own properties. Each says where it comes from, since bundles are taken
  // apart.
  ordered_json object(std::string_view type) const {
    const std::string now = stix_time(context_.now);
    return {{"type", type},
            {"spec_version", "2.1"},
            {"id", id_of(type)},
            {"created", now},
            {"modified", now},
            {"object_marking_refs", {kTlpId}},
            {"external_references",
             {{{"source_name", "handlewatch"},
               {"external_id", fmt::format("export {}", context_.made.id)},
               {"description", fmt::format("case {}, audit checkpoint {}. {}", context_.case_name,
                                           context_.made.checkpoint.text(), kCaution)}}}}};
  }

  std::string put_observable(ordered_json observable) {
    observable["spec_version"] = "2.1";
    observable["id"] = id_of(observable["type"].get<std::string>());
    observable["object_marking_refs"] = {kTlpId};
    put(observable);
    return observable["id"];
  }

  void put(const ordered_json& value) {
    out_ << (first_ ? "\n" : ",\n") << value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
    first_ = false;
  }

  ExportContext context_;
  std::ostream& out_;
  bool first_ = true;
};

}  // namespace

std::unique_ptr<HandleWriter> make_stix_writer(const ExportContext& context, std::ostream& out) {
  return std::make_unique<StixWriter>(context, out);
}

}  // namespace hw::app
