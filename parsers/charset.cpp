#include "parsers/charset.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <utility>

#include <unicode/ucnv.h>
#include <unicode/ucsdet.h>
#include <unicode/unistr.h>

#include "common/text.h"

namespace hw::parsers {
namespace {

// ICU counts in 32 bits; the crawler's own cap on a body is far below.
constexpr std::size_t kMostBytes = std::size_t{256} << 20;

struct Close {
  void operator()(UConverter* converter) const { ucnv_close(converter); }
  void operator()(UCharsetDetector* detector) const { ucsdet_close(detector); }
};
using Converter = std::unique_ptr<UConverter, Close>;

// The labels whose everyday meaning differs from what ICU calls by that name (WHATWG Encoding Standard §4.2). UTF-7 is
// not a web charset: it was only ever a way to smuggle markup.
std::string_view canonical_label(std::string_view label) {
  struct Alias {
    std::string_view label;
    std::string_view canonical;
  };
  static constexpr std::array<Alias, 24> kAliases{{{"utf8", "utf-8"},
                                                   {"unicode-1-1-utf-8", "utf-8"},
                                                   {"ascii", "windows-1252"},
                                                   {"us-ascii", "windows-1252"},
                                                   {"ansi", "windows-1252"},
                                                   {"iso-8859-1", "windows-1252"},
                                                   {"iso8859-1", "windows-1252"},
                                                   {"iso_8859-1", "windows-1252"},
                                                   {"latin1", "windows-1252"},
                                                   {"latin-1", "windows-1252"},
                                                   {"l1", "windows-1252"},
                                                   {"cp1252", "windows-1252"},
                                                   {"iso-8859-9", "windows-1254"},
                                                   {"latin5", "windows-1254"},
                                                   {"iso-8859-11", "windows-874"},
                                                   {"tis-620", "windows-874"},
                                                   {"gb2312", "gb18030"},
                                                   {"gbk", "gb18030"},
                                                   {"shift_jis", "windows-31j"},
                                                   {"sjis", "windows-31j"},
                                                   {"shift-jis", "windows-31j"},
                                                   {"euc-kr", "windows-949"},
                                                   {"ks_c_5601-1987", "windows-949"},
                                                   {"utf-7", ""}}};
  const auto found = std::find_if(kAliases.begin(), kAliases.end(), [&](const Alias& a) { return a.label == label; });
  return found == kAliases.end() ? label : found->canonical;
}

// The quoted or bare value after `name` and '=' within `text`; both in lower case.
std::string value_after(const std::string& text, std::string_view name, std::size_t from, std::size_t to) {
  std::size_t at = text.find(name, from);
  if (at == std::string::npos || at >= to) return {};
  at = text.find_first_not_of(" \t\r\n", at + name.size());
  if (at == std::string::npos || text[at] != '=') return {};
  at = text.find_first_not_of(" \t\r\n\"'", at + 1);
  if (at == std::string::npos) return {};
  return text.substr(at, text.find_first_of(" \t\r\n\"';>?/", at) - at);
}

// HTML §13.2.3.2 looks at the first 1024 bytes; real pages put their <meta> later, and browsers find it.
std::string declared_in_html(std::string_view bytes) {
  const std::string head = to_lower(bytes.substr(0, 8192));
  for (std::size_t at = head.find("<meta"); at != std::string::npos; at = head.find("<meta", at + 5)) {
    const std::string charset = value_after(head, "charset", at, std::min(head.find('>', at), head.size()));
    if (!charset.empty()) return charset;
  }
  return {};
}

std::string declared_in_xml(std::string_view bytes) {
  const std::string head = to_lower(bytes.substr(0, 1024));
  const std::size_t at = head.find("<?xml");
  return at == std::string::npos ? std::string()
                                 : value_after(head, "encoding", at, std::min(head.find("?>", at), head.size()));
}

std::string declared_in(std::string_view bytes, Markup markup) {
  std::string label = markup == Markup::html  ? declared_in_html(bytes)
                      : markup == Markup::xml ? declared_in_xml(bytes)
                                              : std::string();
  // A declaration that could be read byte by byte is not in UTF-16, whatever it says.
  return label.starts_with("utf-16") || label.starts_with("utf-32") ? "utf-8" : label;
}

Converter open(std::string_view label) {
  const std::string canonical(canonical_label(to_lower(trim(label))));
  if (canonical.empty() || canonical.size() > 40) return nullptr;
  UErrorCode error = U_ZERO_ERROR;
  Converter converter(ucnv_open(canonical.c_str(), &error));
  return U_SUCCESS(error) ? std::move(converter) : nullptr;
}

// Ill-formed bytes come out as U+FFFD (ICU's own substitution).
std::string convert(UConverter* converter, std::string_view bytes) {
  std::string out(bytes.size() * 2 + 64, '\0');
  for (;;) {
    UErrorCode error = U_ZERO_ERROR;
    ucnv_resetToUnicode(converter);
    const std::int32_t length =
        ucnv_toAlgorithmic(UCNV_UTF8, converter, out.data(), static_cast<std::int32_t>(out.size()), bytes.data(),
                           static_cast<std::int32_t>(bytes.size()), &error);
    if (U_SUCCESS(error) || error != U_BUFFER_OVERFLOW_ERROR) {
      out.resize(U_SUCCESS(error) ? static_cast<std::size_t>(length) : 0);
      return out;
    }
    out.resize(static_cast<std::size_t>(length) + 1);
  }
}

bool is_utf8(std::string_view label) { return canonical_label(to_lower(trim(label))) == "utf-8"; }

bool is_single_byte(const UConverter* converter) { return ucnv_getMaxCharSize(converter) == 1; }

// Whether any two bytes look like one character of UTF-8: a lead byte and what may follow it.
bool has_multibyte(std::string_view bytes) {
  for (std::size_t i = 0; i + 1 < bytes.size(); ++i) {
    const auto lead = static_cast<unsigned char>(bytes[i]);
    const auto next = static_cast<unsigned char>(bytes[i + 1]);
    if (lead >= 0xC2 && lead <= 0xF4 && next >= 0x80 && next <= 0xBF) return true;
  }
  return false;
}

Converter guess(std::string_view bytes) {
  constexpr std::size_t kEnoughToTell = 65536;
  constexpr std::int32_t kLeastConfidence = 30;
  UErrorCode error = U_ZERO_ERROR;
  const std::unique_ptr<UCharsetDetector, Close> detector(ucsdet_open(&error));
  const std::string_view sample = bytes.substr(0, kEnoughToTell);
  ucsdet_setText(detector.get(), sample.data(), static_cast<std::int32_t>(sample.size()), &error);
  const UCharsetMatch* match = ucsdet_detect(detector.get(), &error);
  if (U_FAILURE(error) || match == nullptr) return nullptr;
  const std::int32_t confidence = ucsdet_getConfidence(match, &error);
  const char* name = ucsdet_getName(match, &error);
  return U_SUCCESS(error) && confidence >= kLeastConfidence ? open(name) : nullptr;
}

std::string converted_or_repaired(const Converter& converter, std::string_view bytes) {
  return repair_utf8(converter != nullptr ? convert(converter.get(), bytes) : bytes);
}

std::string in_undeclared(std::string_view bytes) {
  if (valid_utf8(bytes)) return std::string(bytes);
  Converter converter = guess(bytes);
  if (converter == nullptr) converter = open("windows-1252");
  return converted_or_repaired(converter, bytes);
}

std::string in_declared(std::string_view bytes, std::string_view label) {
  if (is_utf8(label) && valid_utf8(bytes)) return std::string(bytes);
  if (is_utf8(label)) return has_multibyte(bytes) ? repair_utf8(bytes) : in_undeclared(bytes);
  const Converter converter = open(label);
  if (converter == nullptr) return in_undeclared(bytes);
  if (is_single_byte(converter.get()) && valid_utf8(bytes)) return std::string(bytes);
  return converted_or_repaired(converter, bytes);
}

// Without a character that is cut at the end.
std::string_view whole_characters(std::string_view sample) {
  for (int cut = 0; cut < 4 && !sample.empty() && !valid_utf8(sample); ++cut) sample.remove_suffix(1);
  return sample;
}

// What converts a file to UTF-8; nothing where it is UTF-8 already.
Converter converter_for(std::string_view sample, std::string_view stated) {
  if (sample.starts_with("\xEF\xBB\xBF")) return nullptr;
  if (sample.starts_with("\xFF\xFE")) return open("utf-16le");
  if (sample.starts_with("\xFE\xFF")) return open("utf-16be");
  if (Converter converter = open(stated); converter != nullptr)
    return is_utf8(stated) || (is_single_byte(converter.get()) && valid_utf8(whole_characters(sample)))
               ? nullptr
               : std::move(converter);
  if (valid_utf8(whole_characters(sample))) return nullptr;
  Converter guessed = guess(sample);
  return guessed != nullptr ? std::move(guessed) : open("windows-1252");
}

class ConvertedBytes final : public ByteStream {
 public:
  ConvertedBytes(std::unique_ptr<ByteStream> inner, Converter converter)
      : inner_(std::move(inner)), converter_(std::move(converter)) {}

  std::string_view peek() override {
    while (at_ == utf8_.size() && !ended_) fill();
    return std::string_view(utf8_).substr(at_);
  }
  void skip(std::size_t count) override { at_ += count; }
  std::string trouble() const override { return inner_->trouble(); }
  std::uint64_t offset() const override { return inner_->offset(); }
  std::uint64_t used() const override { return inner_->used(); }

 private:
  // The converter keeps what of a character a piece ends with.
  void fill() {
    const std::string_view in = inner_->peek();
    ended_ = in.empty();
    const char* from = in.data();
    const char* const end = from + in.size();
    std::u16string units(in.size() + 64, u'\0');
    UChar* to = units.data();
    UErrorCode error = U_ZERO_ERROR;
    ucnv_toUnicode(converter_.get(), &to, to + units.size(), &from, end, nullptr, ended_ ? 1 : 0, &error);
    units.resize(static_cast<std::size_t>(to - units.data()));
    inner_->skip(static_cast<std::size_t>(from - in.data()));
    at_ = 0;
    utf8_.clear();
    icu::UnicodeString(units.data(), static_cast<std::int32_t>(units.size())).toUTF8String(utf8_);
    if (std::exchange(first_, false) && utf8_.starts_with("\xEF\xBB\xBF")) at_ = 3;
  }

  std::unique_ptr<ByteStream> inner_;
  Converter converter_;
  std::string utf8_;
  std::size_t at_ = 0;
  bool first_ = true;
  bool ended_ = false;
};

}  // namespace

std::unique_ptr<ByteStream> as_utf8(std::unique_ptr<ByteStream> stream, std::string_view stated) {
  constexpr std::size_t kSample = 65536;
  auto seen = std::make_unique<Prefetched>(std::move(stream), kSample);
  Converter converter = converter_for(seen->first(), stated);
  if (converter == nullptr) return seen;
  return std::make_unique<ConvertedBytes>(std::move(seen), std::move(converter));
}

std::string to_utf8(std::string_view bytes, std::string_view header_charset, Markup markup) {
  bytes = bytes.substr(0, kMostBytes);
  if (bytes.starts_with("\xEF\xBB\xBF")) return repair_utf8(bytes.substr(3));
  if (bytes.starts_with("\xFF\xFE")) return converted_or_repaired(open("utf-16le"), bytes.substr(2));
  if (bytes.starts_with("\xFE\xFF")) return converted_or_repaired(open("utf-16be"), bytes.substr(2));
  if (markup == Markup::json) return repair_utf8(bytes);
  if (open(header_charset) != nullptr) return in_declared(bytes, header_charset);
  const std::string declared = declared_in(bytes, markup);
  return declared.empty() ? in_undeclared(bytes) : in_declared(bytes, declared);
}

}  // namespace hw::parsers
