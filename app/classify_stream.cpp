#include "app/classify_stream.h"

#include <ostream>

#include <nlohmann/json.hpp>

#include "common/json.h"

namespace hw::app {
namespace {

std::string error_line(const BadLine& bad) {
  nlohmann::ordered_json object;
  object["id"] = bad.id ? nlohmann::ordered_json(*bad.id) : nlohmann::ordered_json(nullptr);
  object["line"] = bad.number;
  object["error"] = bad.why;
  return object.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
}

Status written(const std::ostream& out) {
  if (out.good()) return {};
  return fail(ErrorCode::io, "cannot write the results: the disk is full or the reader went away");
}

}  // namespace

Result<std::size_t> classify_stream(Input& input, const classifier::Classifier& classifier, HeldPosts held,
                                    std::ostream& out) {
  std::size_t bad_lines = 0;
  const auto on_post = [&](const Post& post) -> Status {
    Verdict verdict = classifier.classify(post);
    // Of a held post spans and rules stay, what would tell its handles goes.
    if (verdict.held() && held == HeldPosts::without_handles) verdict.handles.clear();
    out << to_json(verdict) << '\n';
    return written(out);
  };
  const auto on_bad = [&](const BadLine& bad) -> Status {
    ++bad_lines;
    out << error_line(bad) << '\n';
    return written(out);
  };
  if (auto read = read_posts(input, "", on_post, on_bad); !read) return tl::unexpected(read.error());
  out.flush();
  if (auto done = written(out); !done) return tl::unexpected(done.error());
  return bad_lines;
}

}  // namespace hw::app
