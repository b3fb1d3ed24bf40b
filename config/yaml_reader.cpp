#include "config/yaml_reader.h"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstring>
#include <fstream>
#include <set>
#include <sstream>

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include "common/text.h"

namespace hw::config {
namespace {

constexpr std::size_t kMostBytes = 4 << 20;
constexpr int kMostNesting = 64;
constexpr std::size_t kMostMistakes = 20;

}  // namespace

struct ReaderContext {
  std::string file;
  std::vector<std::string> mistakes;

  bool full() const { return mistakes.size() >= kMostMistakes; }

  // One line each, whatever the file holds. A node that is not there has no mark: its mistake stands at the beginning.
  void note(const YAML::Mark& mark, std::string_view message) {
    if (full()) return;
    mistakes.push_back(fmt::format("{}:{}:{}: {}", file, std::max(mark.line, 0) + 1, std::max(mark.column, 0) + 1,
                                   escape_for_terminal(message)));
  }
};

namespace {

// Refuses what would make the tree builder work without bound, before it works.
class Gate final : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark& mark) override {
    if (++documents_ > 1) throw YAML::ParserException(mark, "a second document begins here, keep one");
  }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw YAML::ParserException(mark, "an alias (*name) is not read here, write the value out");
  }
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    deeper(mark);
  }
  void OnSequenceEnd() override { --depth_; }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    deeper(mark);
  }
  void OnMapEnd() override { --depth_; }

 private:
  void deeper(const YAML::Mark& mark) {
    if (++depth_ > kMostNesting) throw YAML::ParserException(mark, "nested too deeply");
  }
  int depth_ = 0;
  int documents_ = 0;
};

// yaml-cpp's own flow nesting recursion happens inside its scanner-driven parser, so brackets are counted first.
bool too_many_brackets(std::string_view text) {
  int depth = 0;
  for (const char c : text) {
    if (c == '[' || c == '{') ++depth;
    if (c == ']' || c == '}') depth = std::max(0, depth - 1);
    if (depth > 1000) return true;
  }
  return false;
}

std::string_view kind_of(const YAML::Node& node) {
  switch (node.Type()) {
    case YAML::NodeType::Sequence:
      return "a list";
    case YAML::NodeType::Map:
      return "a mapping";
    case YAML::NodeType::Scalar:
      return "a single value";
    default:
      return "nothing";
  }
}

}  // namespace

Reader::Reader(const YAML::Node& node, std::string path, std::shared_ptr<ReaderContext> context)
    : node_(std::make_unique<YAML::Node>(node)), path_(std::move(path)), context_(std::move(context)) {}
Reader::~Reader() = default;
Reader::Reader(const Reader& other)
    : node_(std::make_unique<YAML::Node>(*other.node_)),
      path_(other.path_),
      context_(other.context_),
      asked_(other.asked_) {}

bool Reader::has(std::string_view key) const {
  return node_->IsMap() && static_cast<const YAML::Node&>(*node_)[std::string(key)].IsDefined();
}

Reader Reader::at(std::string_view key) {
  asked_.emplace_back(key);
  std::string path = path_.empty() ? std::string(key) : path_ + "." + std::string(key);
  if (!has(key)) return {YAML::Node(YAML::NodeType::Undefined), std::move(path), context_};
  return {static_cast<const YAML::Node&>(*node_)[std::string(key)], std::move(path), context_};
}

std::vector<Reader> Reader::items() {
  std::vector<Reader> out;
  if (!node_->IsDefined() || node_->IsNull()) return out;
  if (!node_->IsSequence()) {
    wrong(fmt::format("must be a list, this is {}; begin each entry with \"- \"", kind_of(*node_)));
    return out;
  }
  for (std::size_t i = 0; i < node_->size(); ++i)
    out.emplace_back((*node_)[i], fmt::format("{}[{}]", path_, i), context_);
  return out;
}

std::vector<std::pair<std::string, Reader>> Reader::entries() {
  std::vector<std::pair<std::string, Reader>> out;
  std::set<std::string> seen;
  if (!node_->IsDefined() || node_->IsNull()) return out;
  if (!node_->IsMap()) {
    wrong(fmt::format("must be a mapping, this is {}", kind_of(*node_)));
    return out;
  }
  for (const auto& entry : *node_) {
    const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "";
    if (key.empty()) {
      context_->note(entry.first.Mark(), "a key here must be a name");
      continue;
    }
    if (!seen.insert(key).second)
      context_->note(entry.first.Mark(), fmt::format("\"{}\" stands here twice, remove one", key));
    out.emplace_back(key, Reader(entry.second, path_.empty() ? key : path_ + "." + key, context_));
  }
  return out;
}

std::optional<std::string> Reader::scalar() const {
  if (!node_->IsDefined() || !node_->IsScalar()) return std::nullopt;
  return node_->Scalar();
}

std::string Reader::text(std::string_view key, std::string_view otherwise) {
  Reader value = at(key);
  if (!value.node_->IsDefined() || value.node_->IsNull()) return std::string(otherwise);
  if (auto scalar = value.scalar()) return *scalar;
  value.wrong(fmt::format("must be a text, this is {}", kind_of(*value.node_)));
  return std::string(otherwise);
}

std::string Reader::required_text(std::string_view key) {
  std::string value = text(key);
  if (trim(value).empty()) wrong_at(key, fmt::format("\"{}\" is required", key));
  return value;
}

std::vector<std::string> Reader::texts(std::string_view key) {
  Reader list = at(key);
  if (auto scalar = list.scalar()) return {*scalar};
  std::vector<std::string> out;
  for (Reader& item : list.items()) {
    if (auto scalar = item.scalar())
      out.push_back(*scalar);
    else
      item.wrong(fmt::format("must be a text, this is {}", kind_of(*item.node_)));
  }
  return out;
}

std::int64_t Reader::integer(std::string_view key, std::int64_t otherwise, std::int64_t least, std::int64_t most) {
  Reader value = at(key);
  if (!value.node_->IsDefined() || value.node_->IsNull()) return otherwise;
  const std::string digits = value.scalar().value_or("");
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  if (error == std::errc{} && end == digits.data() + digits.size() && number >= least && number <= most) return number;
  value.wrong(fmt::format("must be a whole number from {} to {}", least, most));
  return otherwise;
}

double Reader::number(std::string_view key, double otherwise, double least, double most) {
  Reader value = at(key);
  if (!value.node_->IsDefined() || value.node_->IsNull()) return otherwise;
  const std::string digits = value.scalar().value_or("");
  double number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool whole = error == std::errc{} && end == digits.data() + digits.size() && !digits.empty();
  if (whole && std::isfinite(number) && number >= least && number <= most) return number;
  value.wrong(fmt::format("must be a number from {} to {}", least, most));
  return otherwise;
}

bool Reader::flag(std::string_view key, bool otherwise) {
  Reader value = at(key);
  if (!value.node_->IsDefined() || value.node_->IsNull()) return otherwise;
  const std::string word = value.scalar().value_or("");
  if (word == "true") return true;
  if (word == "false") return false;
  value.wrong("must be true or false");
  return otherwise;
}

Duration Reader::duration(std::string_view key, Duration otherwise) {
  Reader value = at(key);
  if (!value.node_->IsDefined() || value.node_->IsNull()) return otherwise;
  if (const auto parsed = parse_duration(value.scalar().value_or(""))) return *parsed;
  value.wrong("must be a duration such as 5s, 30m, 12h or 30d");
  return otherwise;
}

void Reader::wrong(std::string_view message) {
  const YAML::Mark mark = node_->IsDefined() ? node_->Mark() : YAML::Mark::null_mark();
  context_->note(mark, path_.empty() ? std::string(message) : fmt::format("{}: {}", path_, message));
}

void Reader::wrong_at(std::string_view key, std::string_view message) {
  if (has(key))
    at(key).wrong(message);
  else
    wrong(message);
}

void Reader::finish() {
  if (!node_->IsDefined() || node_->IsNull()) return;
  if (!node_->IsMap()) {
    wrong(fmt::format("must be a mapping (key: value), this is {}", kind_of(*node_)));
    return;
  }
  const std::vector<std::string_view> known(asked_.begin(), asked_.end());
  std::set<std::string> seen;
  for (const auto& entry : *node_) {
    if (context_->full()) return;
    const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "";
    if (!seen.insert(key).second)
      context_->note(entry.first.Mark(), fmt::format("\"{}\" stands here twice, remove one", key));
    if (std::find(known.begin(), known.end(), key) != known.end()) continue;
    const std::string_view near = nearest(key, known);
    const std::string mend = near.empty() ? fmt::format("known here: {}", fmt::join(known, ", "))
                                          : fmt::format("did you mean \"{}\"?", near);
    context_->note(entry.first.Mark(), fmt::format("unknown key \"{}\", {}", key, mend));
  }
}

Status read_yaml(std::string_view text, std::string_view file, const std::function<void(Reader&)>& read) {
  const auto refuse = [&](std::string_view why) {
    return fail(ErrorCode::configuration, fmt::format("{}: {}", file, why));
  };
  if (text.size() > kMostBytes) return refuse("larger than 4 MiB, split it");
  if (!valid_utf8(text)) return refuse("not UTF-8, save it as UTF-8");
  if (text.find('\0') != std::string_view::npos) return refuse("holds a NUL byte, remove it");
  if (too_many_brackets(text)) return refuse("nested too deeply");
  auto context = std::make_shared<ReaderContext>();
  context->file = std::string(file);
  try {
    std::istringstream gate_stream{std::string(text)};
    YAML::Parser parser(gate_stream);
    Gate gate;
    while (parser.HandleNextDocument(gate)) continue;
    Reader root(YAML::Load(std::string(text)), "", context);
    read(root);
  } catch (const YAML::Exception& error) {
    context->note(error.mark, error.msg);
  }
  if (context->mistakes.empty()) return {};
  return fail(ErrorCode::configuration, fmt::format("{}", fmt::join(context->mistakes, "\n")));
}

Result<std::string> read_small_file(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return fail(ErrorCode::configuration, fmt::format("cannot read {}: {}", path, std::strerror(errno)));
  std::string content(kMostBytes + 1, '\0');
  stream.read(content.data(), static_cast<std::streamsize>(content.size()));
  if (stream.bad())
    return fail(ErrorCode::configuration, fmt::format("cannot read {}: {}", path, std::strerror(errno)));
  content.resize(static_cast<std::size_t>(stream.gcount()));
  if (content.size() > kMostBytes) return fail(ErrorCode::configuration, fmt::format("{} is larger than 4 MiB", path));
  return content;
}

}  // namespace hw::config
