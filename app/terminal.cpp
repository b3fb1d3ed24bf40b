#include "app/terminal.h"

#include <array>
#include <clocale>
#include <cstdlib>
#include <cwchar>
#include <iostream>

#include <fcntl.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

namespace hw::app {
namespace {

// Decodes one code point for measuring; a broken byte counts as one column.
struct Glyph {
  std::size_t bytes;
  std::size_t columns;
};

Glyph next_glyph(std::string_view text) {
  // wcwidth() knows nothing outside a UTF-8 locale; the process keeps "C" for everything else.
  static const locale_t kLocale = newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
  const locale_t before = kLocale != nullptr ? uselocale(kLocale) : nullptr;
  std::mbstate_t state{};
  wchar_t wide = 0;
  const std::size_t read = std::mbrtowc(&wide, text.data(), text.size(), &state);
  const int columns = read == 0 || read > text.size() ? 1 : ::wcwidth(wide);
  if (before != nullptr) uselocale(before);
  if (read == 0 || read > text.size()) return {1, 1};
  return {read, columns < 0 ? 1 : static_cast<std::size_t>(columns)};
}

// The controlling terminal, so that prompts work while standard input and output are pipes.
class Tty {
 public:
  Tty() : descriptor_(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)) {}
  ~Tty() {
    if (silenced_) tcsetattr(descriptor_, TCSAFLUSH, &before_);
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  Tty(const Tty&) = delete;
  Tty& operator=(const Tty&) = delete;

  bool is_open() const { return descriptor_ >= 0; }

  void silence() {
    if (tcgetattr(descriptor_, &before_) != 0) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    silenced_ = tcsetattr(descriptor_, TCSAFLUSH, &silent) == 0;
  }

  void write(std::string_view text) const {
    [[maybe_unused]] const auto written = ::write(descriptor_, text.data(), text.size());
  }

  std::string read_line() const {
    std::string line;
    char c = 0;
    while (line.size() < kLongestAnswer && ::read(descriptor_, &c, 1) == 1 && c != '\n') line += c;
    return line;
  }

 private:
  static constexpr std::size_t kLongestAnswer = 4096;
  int descriptor_;
  termios before_{};
  bool silenced_ = false;
};

Result<std::string> ask(std::string_view prompt, bool echo) {
  Tty tty;
  if (!tty.is_open())
    return fail(ErrorCode::no_key,
                "there is no terminal to ask on; name a file with the passphrase in HANDLEWATCH_PASSPHRASE_FILE");
  if (!echo) tty.silence();
  tty.write(prompt);
  std::string line = tty.read_line();
  if (!echo) tty.write("\n");
  return line;
}

std::size_t terminal_width() {
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

}  // namespace

bool is_terminal(const std::ostream& stream) {
  if (&stream == &std::cout) return isatty(STDOUT_FILENO) != 0;
  if (&stream == &std::cerr) return isatty(STDERR_FILENO) != 0;
  return false;
}

bool input_is_terminal() { return isatty(STDIN_FILENO) != 0; }

std::string_view style(const std::ostream& stream, Style style) {
  const char* no_color = std::getenv("NO_COLOR");
  const char* term = std::getenv("TERM");
  const bool wanted = is_terminal(stream) && (no_color == nullptr || *no_color == '\0') && term != nullptr &&
                      std::string_view(term) != "dumb";
  if (!wanted) return {};
  constexpr std::array<std::string_view, 6> kSequences{"\x1b[0m",  "\x1b[1m",  "\x1b[2m",
                                                       "\x1b[31m", "\x1b[33m", "\x1b[32m"};
  return kSequences[static_cast<std::size_t>(style)];
}

std::size_t display_width(std::string_view utf8) {
  std::size_t columns = 0;
  while (!utf8.empty()) {
    const Glyph glyph = next_glyph(utf8);
    columns += glyph.columns;
    utf8.remove_prefix(glyph.bytes);
  }
  return columns;
}

std::string shortened(std::string_view utf8, std::size_t width) {
  if (display_width(utf8) <= width) return std::string(utf8);
  std::size_t columns = 0;
  std::size_t bytes = 0;
  while (bytes < utf8.size()) {
    const Glyph glyph = next_glyph(utf8.substr(bytes));
    if (columns + glyph.columns + 1 > width) break;
    columns += glyph.columns;
    bytes += glyph.bytes;
  }
  return std::string(utf8.substr(0, bytes)) + "…";
}

Result<std::string> ask_secret(std::string_view prompt) { return ask(prompt, false); }
Result<std::string> ask_line(std::string_view prompt) { return ask(prompt, true); }

StatusLine::StatusLine(std::ostream& stream) : stream_(stream), terminal_(is_terminal(stream)) {}

StatusLine::~StatusLine() { clear(); }

void StatusLine::show(std::string_view text) {
  if (!terminal_) return;
  stream_ << "\r\x1b[K" << shortened(text, terminal_width() - 1) << std::flush;
  shown_ = true;
}

void StatusLine::clear() {
  if (!shown_) return;
  stream_ << "\r\x1b[K" << std::flush;
  shown_ = false;
}

}  // namespace hw::app
