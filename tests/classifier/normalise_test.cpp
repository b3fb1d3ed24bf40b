#include "classifier/normalise.h"

#include <random>

#include <doctest/doctest.h>
#include <unicode/normalizer2.h>
#include <unicode/unistr.h>

#include "classifier/units.h"
#include "common/text.h"

namespace hw::classifier {
namespace {

const Folder& folder() {
  static const Folder made = [] {
    Vocabulary words;
    for (const char* word : {"wickr", "telegram", "signal", "session", "taboo", "perv", "nolimits", "limits", "kik"})
      words.add(word);
    return Folder(std::move(words));
  }();
  return made;
}

std::string folded(std::string_view text) { return folder().fold(text).text(); }

TEST_CASE("folding takes the dress off words and leaves plain text alone") {
  CHECK(folded("Hello, World! 42") == "hello, world! 42");
  CHECK(folded("") == "");
  SUBCASE("compatibility forms") {
    CHECK(folded("ＷＩＣＫＲ") == "wickr");
    CHECK(folded("𝔀𝓲𝓬𝓴𝓻") == "wickr");
    CHECK(folded("ⓦⓘⓒⓚⓡ") == "wickr");
    CHECK(folded("🅆🄸🄲🄺🅁 🆆🅸🅲🅺🆁") == "wickr wickr");
    CHECK(folded("🇼🇮🇨🇰🇷") == "wickr");
    CHECK(folded("ᴡɪᴄᴋʀ") == "wickr");
    CHECK(folded("1️⃣5️⃣") == "15");
  }
  SUBCASE("marks and what is not seen") {
    CHECK(folded("wïćkr") == "wickr");
    CHECK(folded("w\u0336i\u0336c\u0336k\u0336r\u0336") == "wickr");
    CHECK(folded("wi\u200bck\u00adr\ufe0f") == "wickr");
    CHECK(folded("straße jährig piętnaście yaşındayım") == "strasse jahrig pietnascie yasindayim");
    CHECK(folded("и\u0306 й") == "й й");  // a Russian letter keeps its mark
  }
  SUBCASE("lookalikes, in mixed words only") {
    CHECK(folded("wіckr tеlegram") == "wickr telegram");
    CHECK(folded("Спасибо, попробую весной") == "спасибо, попробую весной");
    CHECK(folded("сор") == "сор");  // all Cyrillic, though it looks Latin
  }
  SUBCASE("spelled out") {
    CHECK(folded("w i c k r") == "wickr");
    CHECK(folded("w.i.c.k.r: x") == "wickr: x");
    CHECK(folded("T.a.b.o.o & p-e-r-v") == "taboo & perv");
    CHECK(folded("w . i . c . k . r") == "wickr");
    CHECK(folded("w i c k r   m e") == "wickr   m e");
    CHECK(folded("e.g. this, i.e. that") == "e.g. this, i.e. that");
    CHECK(folded("1.2.3 4 5 6") == "1.2.3 4 5 6");
    CHECK(folded("a a a a") == "a a a a");
  }
  SUBCASE("leet, only where a word comes out or only letters can be meant") {
    CHECK(folded("w1ckr t3legram te1egram tab00 $ession p3rvy") == "wickr telegram telegram taboo session pervy");
    CHECK(folded("15yo f15 m4f 2019 blue22 b4 covid19 user@host") == "15yo f15 m4f 2019 blue22 b4 covid19 user@host");
  }
  SUBCASE("stretched") {
    CHECK(folded("taaaboo pervvv nooolimits") == "taboo perv nolimits");
    CHECK(folded("taboooo") == "taboo");
    CHECK(folded("www.example.org aaaamm") == "www.example.org am");
  }
}

TEST_CASE("a match in the folded text leads back to the bytes it came from") {
  const auto slice = [](const std::string& text, std::string_view word) {
    const Folded view = folder().fold(text);
    const std::size_t at = view.text().find(word);
    REQUIRE(at != std::string::npos);
    const Span span = view.original(at, at + word.size());
    return text.substr(span.from, span.to - span.from);
  };
  CHECK(slice("add me: Wickr!", "wickr") == "Wickr");
  CHECK(slice("schöne Grüße, wickr", "wickr") == "wickr");
  CHECK(slice("x W.i.c.k.r: y", "wickr") == "W.i.c.k.r");
  CHECK(slice("x ｗｉｃｋｒ: y", "wickr") == "ｗｉｃｋｒ");
  CHECK(slice("x w\u200bi\u200bckr: y", "wickr") == "w\u200bi\u200bckr");
  CHECK(slice("x tabooooo y", "taboo") == "tabooooo");
  CHECK(slice("die Straße hier", "strasse") == "Straße");
}

// Random text of everything that folding knows.
std::string random_text(std::mt19937& random) {
  constexpr std::string_view kPieces[] = {"wickr",   "T.a.b.o.o", "w 1 c k r", "ß",      "é",      "e\u0301\u0302",
                                          "и\u0306", "🇼🇮",        "ｗ",        "\u200b", " ",      "\n",
                                          "  ",      "aaaa",      "15f",       "@",      "$s",     "p3",
                                          "жд",      "wі",        "漢字",      "👉🏽",   "\u202e", "..",
                                          "-",       "ﷺ"};
  std::string out;
  const std::size_t length = random() % 40;
  for (std::size_t i = 0; i < length; ++i) out += kPieces[random() % std::size(kPieces)];
  return out;
}

TEST_CASE("the offset map is valid and monotone for any text, well-formed or not") {
  std::mt19937 random(20261122);
  for (int round = 0; round < 4000; ++round) {
    std::string text = random_text(random);
    if (round % 4 == 0)
      for (char& c : text)
        if (random() % 16 == 0) c = static_cast<char>(random());
    const Folded view = folder().fold(text);
    CHECK(valid_utf8(view.text()));
    Span before;
    for (std::size_t i = 0; i < view.text().size(); ++i) {
      const Span span = view.original(i, i + 1);
      REQUIRE(span.from < span.to);
      REQUIRE(span.to <= text.size());
      REQUIRE(span.from >= before.from);
      REQUIRE(span.to >= before.to);
      before = span;
    }
    const Span whole = view.original(0, view.text().size());
    CHECK(whole.to <= text.size());
  }
}

// Latin letters apart, which also lose their accents, folding is ICU's NFKC casefold.
TEST_CASE("single code points fold as ICU folds them") {
  UErrorCode error = U_ZERO_ERROR;
  const icu::Normalizer2* icu_fold = icu::Normalizer2::getNFKCCasefoldInstance(error);
  REQUIRE(U_SUCCESS(error));
  std::size_t compared = 0;
  for (char32_t code = 0x80; code < 0x30000; ++code) {
    const CodePoint point = folder().code_points()[code];
    if (code >= 0xD800 && code < 0xE000) continue;
    if (point.mark || point.script == Script::latin) continue;
    std::u32string ours(point.folded);
    if (point.itself) ours = code;
    const icu::UnicodeString theirs = icu_fold->normalize(icu::UnicodeString(static_cast<UChar32>(code)), error);
    const icu::UnicodeString given =
        icu::UnicodeString::fromUTF32(reinterpret_cast<const UChar32*>(ours.data()), static_cast<int32_t>(ours.size()));
    const bool sign = ours == U"'" || ours == U"-";  // apostrophes and dashes are made one on purpose
    if (!sign && theirs.countChar32() <= 4 && given != theirs) {
      std::string shown;
      given.toUTF8String(shown);
      INFO("U+", static_cast<unsigned>(code), " ", shown);
      CHECK(given == theirs);
    }
    ++compared;
  }
  CHECK(compared > 150000);
}

TEST_CASE("patterns fold as texts do and keep their syntax") {
  CHECK(folder().fold_pattern("\\bjährig(?:e|er)?\\b") == "\\bjahrig(?:e|er)?\\b");
  CHECK(folder().fold_pattern("fünfzehn|piętnaście") == "funfzehn|pietnascie");
  CHECK(folder().fold_pattern("stra(?:ße|sse)") == "stra(?:(?:ss)e|sse)");
  CHECK(folder().fold_pattern("(?:^|[^\\p{L}])мне") == "(?:^|[^\\p{L}])мне");
}

// What fold() makes of a text block by block is what it is chunk by chunk, byte for byte and place for place.
void check_thoroughly(const std::string& text) {
  const Folded fast = folder().fold(text);
  const Folded slow = folder().fold_thoroughly(text);
  CAPTURE(escape_for_terminal(text));
  REQUIRE(fast.text() == slow.text());
  for (std::size_t at = 0; at < slow.text().size(); ++at)
    REQUIRE(fast.original(at, at + 1) == slow.original(at, at + 1));
}

TEST_CASE("whole blocks fold as chunk by chunk") {
  constexpr std::string_view kPieces[] = {"the ",  "map ", "w i c k r ", "w.i.c.k.r ", "I'm a ", "taaaboo ",
                                          "p3rv ", "2nd ", "@anna ",     "hey!! ",     "k!k ",   "\n",
                                          "a ",    "b ",   "c) ",        "(w ",        "wіckr ", "“so” ",
                                          "é ",    "...",  "- ",         "x-y-z ",     "$5 ",    "і "};
  std::mt19937 random(7);
  for (int round = 0; round < 4000; ++round) {
    std::string text;
    const std::size_t filler = random() % 400;
    while (text.size() < filler) text += kPieces[random() % 2];
    for (std::size_t i = random() % 12; i-- > 0;) text += kPieces[random() % std::size(kPieces)];
    for (std::size_t i = random() % 40; i-- > 0;) text += kPieces[random() % 2];
    check_thoroughly(text);
  }
  for (int round = 0; round < 2000; ++round) {
    std::string text(random() % 600, ' ');
    constexpr std::string_view kSigns = "aabcwW1 0@$!.-_'() \n";
    for (char& c : text) c = kSigns[random() % kSigns.size()];
    check_thoroughly(text);
  }
  check_thoroughly(std::string(1000, 'a'));
  check_thoroughly(std::string(1000, ' ') + "w i c k r");
}

}  // namespace
}  // namespace hw::classifier
