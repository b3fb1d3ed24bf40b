#include "app/misp_feed.h"

#include <cerrno>
#include <cstring>
#include <optional>
#include <sstream>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <sys/stat.h>

#include "app/caution.h"
#include "app/export_stream.h"
#include "common/text.h"
#include "common/url.h"
#include "common/uuid.h"
#include "db/merkle.h"

namespace hw::app {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kHandlesOfAnEvent = 200;  // MISP shows an event as one page

// A template of misp-objects: what an object is made after.
struct Template {
  std::string_view name;
  std::string_view uuid;
  int version;
};
constexpr Template kTelegram{"telegram-account", "06f02ecf-5afb-42c5-9cb0-b362e222f52c", 2};
constexpr Template kAccount{"user-account", "49606b06-22f0-4ac8-8eee-2f12ad46f3d3", 6};
constexpr Template kMicroblog{"microblog", "8ec8c911-ddbe-4f5b-895b-fbff70c42a60", 20};

std::string dump(const ordered_json& value) {
  return value.dump(1, ' ', false, ordered_json::error_handler_t::replace) + "\n";
}

bool is_phone(std::string_view handle) { return handle.starts_with('+'); }

}  // namespace

struct MispFeed::Impl {
  ExportContext context;
  std::filesystem::path folder;
  bool finished = false;
  ordered_json objects = ordered_json::array();  // of the event under construction
  std::size_t handles = 0;                       // in it
  std::size_t events = 0;
  std::optional<ExportStream> manifest;  // written as the events are, none of which is kept
  db::Sha256 digests;
  std::string digest;

  std::string timestamp() const { return std::to_string(to_millis(context.now) / 1000); }

  ordered_json attribute(std::string_view type, std::string_view relation, const std::string& value) const {
    const bool external = type == "url" || type == "link";
    return {{"uuid", random_uuid()},
            {"type", type},
            {"category", external ? "External analysis" : "Other"},
            {"object_relation", relation},
            {"value", value},
            {"to_ids", false},
            {"disable_correlation", false},
            {"distribution", "5"},
            {"timestamp", timestamp()},
            {"comment", ""}};
  }

  ordered_json object(const Template& made_after, ordered_json attributes, const std::string& comment) const {
    return {{"uuid", random_uuid()},
            {"name", made_after.name},
            {"meta-category", "misc"},
            {"description", kCaution},
            {"template_uuid", made_after.uuid},
            {"template_version", std::to_string(made_after.version)},
            {"distribution", "5"},
            {"timestamp", timestamp()},
            {"comment", comment},
            {"Attribute", std::move(attributes)},
            {"ObjectReference", ordered_json::array()}};
  }

  ordered_json handle_object(const db::ExportedHandle& handle) const {
    const db::HandleRow& row = handle.row;
    const std::string comment =
        fmt::format("{}, {} adverts, {} to {}. {}", review_words(row), row.hits, row.first_day, row.last_day, kCaution);
    const std::string& name = handle.name.handle;
    if (handle.name.messenger == "telegram")
      return object(kTelegram, {attribute("text", is_phone(name) ? "phone" : "username", name)}, comment);
    return object(kAccount,
                  {attribute("text", "username", name), attribute("text", "account-type", handle.name.messenger)},
                  comment);
  }

  ordered_json account_object(const Post& post) const {
    ordered_json attributes = ordered_json::array();
    if (!post.author.empty()) attributes.push_back(attribute("text", "username", post.author));
    if (!post.author_id.empty()) attributes.push_back(attribute("text", "user-id", post.author_id));
    if (attributes.empty()) return {};
    attributes.push_back(attribute("text", "account-type", post.platform));
    return object(kAccount, std::move(attributes), fmt::format("The account that posted. {}", kCaution));
  }

  // The post by its address and date; its text is evidence and leaves with the evidence.
  ordered_json post_object(const db::Judged& advert) const {
    const auto url = parse_url(advert.post.url);
    if (!url) return {};
    ordered_json attributes{attribute("url", "url", url->text())};
    if (advert.post.created_at)
      attributes.push_back(attribute("datetime", "creation-date", to_rfc3339(*advert.post.created_at)));
    if (!advert.post.author.empty()) attributes.push_back(attribute("text", "username", advert.post.author));
    return object(kMicroblog, std::move(attributes), "A post that advertises the handle.");
  }

  static void refer(ordered_json& from, const ordered_json& to) {
    from["ObjectReference"].push_back({{"uuid", random_uuid()},
                                       {"object_uuid", from["uuid"]},
                                       {"referenced_uuid", to["uuid"]},
                                       {"relationship_type", "related-to"},
                                       {"comment", ""}});
  }

  Status write(const std::string& name, const std::string& text) {
    std::ostringstream unused;
    auto file = ExportStream::open((folder / name).string(), unused);
    if (!file) return tl::unexpected(file.error());
    file->stream() << text;
    return close(name, *file);
  }

  Status close(const std::string& name, ExportStream& file) {
    const auto written = file.finish();
    if (!written) return tl::unexpected(written.error());
    digests.add(*written + "  " + name + "\n");
    return {};
  }

  Status open_manifest() {
    std::ostringstream unused;
    auto file = ExportStream::open((folder / "manifest.json").string(), unused);
    if (!file) return tl::unexpected(file.error());
    manifest.emplace(std::move(*file));
    manifest->stream() << '{';
    return {};
  }

  void add_to_manifest(const std::string& uuid, const ordered_json& entry) {
    manifest->stream() << (events == 1 ? "\n" : ",\n") << ordered_json(uuid).dump() << ": "
                       << entry.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
  }

  ordered_json tags() const {
    const auto tag = [](std::string_view name, std::string_view colour) {
      return ordered_json{{"name", name}, {"colour", colour}};
    };
    return {tag("tlp:amber+strict", "#FFC000"), tag("PAP:AMBER", "#FFA800"),
            tag("false-positive:risk=\"medium\"", "#884900")};
  }

  Status write_event() {
    if (handles == 0) return {};
    ++events;
    const std::string uuid = random_uuid();
    const std::string organisation = context.organisation.empty() ? "handlewatch" : context.organisation;
    const ordered_json orgc{{"name", organisation}, {"uuid", orgc_uuid}};
    const std::string info = fmt::format("Advertised handles, export {} part {}, case {}. {}", context.made.id, events,
                                         context.case_name, kCaution);
    ordered_json event{
        {"uuid", uuid},
        {"info", info},
        {"date", to_day(context.now)},
        {"timestamp", timestamp()},
        {"publish_timestamp", timestamp()},
        {"published", true},
        {"analysis", "2"},
        {"threat_level_id", "4"},
        {"distribution", "0"},
        {"Orgc", orgc},
        {"Tag", tags()},
        {"Attribute",
         ordered_json::array({attribute("comment", "", "audit checkpoint " + context.made.checkpoint.text())})},
        {"Object", std::move(objects)}};
    event["Attribute"][0].erase("object_relation");
    add_to_manifest(uuid, {{"info", info},
                           {"date", event["date"]},
                           {"timestamp", event["timestamp"]},
                           {"analysis", event["analysis"]},
                           {"threat_level_id", event["threat_level_id"]},
                           {"Orgc", orgc},
                           {"Tag", event["Tag"]}});
    objects = ordered_json::array();
    handles = 0;
    return write(uuid + ".json", dump({{"Event", std::move(event)}}));
  }

  const std::string orgc_uuid = random_uuid();
};

MispFeed::MispFeed(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

MispFeed::~MispFeed() {
  std::error_code ignored;
  if (!impl_->finished) std::filesystem::remove_all(impl_->folder, ignored);
}

Result<std::unique_ptr<MispFeed>> MispFeed::open(const ExportContext& context, const std::filesystem::path& folder) {
  if (folder == "-") return fail(ErrorCode::usage, "a MISP feed is a folder; name a new one with --output");
  if (::mkdir(folder.c_str(), 0700) != 0)
    return fail(
        errno == EEXIST ? ErrorCode::refused : ErrorCode::io,
        fmt::format("cannot make {}: {}; name a new folder with --output", folder.string(), std::strerror(errno)));
  auto impl = std::make_unique<Impl>();
  impl->context = context;
  impl->folder = folder;
  std::unique_ptr<MispFeed> feed(new MispFeed(std::move(impl)));
  if (auto begun = feed->impl_->open_manifest(); !begun) return tl::unexpected(begun.error());
  return feed;
}

Status MispFeed::add(const db::ExportedHandle& handle) {
  ordered_json account = impl_->handle_object(handle);
  for (const db::Judged& advert : handle.adverts) {
    ordered_json poster = impl_->account_object(advert.post);
    ordered_json post = impl_->post_object(advert);
    if (!post.is_null()) Impl::refer(post, account);
    if (!post.is_null() && !poster.is_null()) Impl::refer(poster, post);
    if (!post.is_null()) impl_->objects.push_back(std::move(post));
    if (!poster.is_null()) impl_->objects.push_back(std::move(poster));
  }
  impl_->objects.push_back(std::move(account));
  return ++impl_->handles == kHandlesOfAnEvent ? impl_->write_event() : Status();
}

Status MispFeed::finish() {
  if (auto written = impl_->write_event(); !written) return written;
  impl_->manifest->stream() << "}\n";
  if (auto written = impl_->close("manifest.json", *impl_->manifest); !written) return written;
  impl_->digest = to_hex(impl_->digests.finish());
  impl_->finished = true;
  return {};
}

const std::string& MispFeed::digest() const { return impl_->digest; }

}  // namespace hw::app
