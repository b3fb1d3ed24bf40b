#include <memory>
#include <ostream>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "app/commands.h"
#include "app/session.h"

namespace hw::app {
namespace {

// What may follow a command: its subcommands and long options, and those of the commands above it that fall through.
std::string words_of(const CLI::App& command) {
  std::string words;
  for (const CLI::App* sub : command.get_subcommands({})) words += sub->get_name() + " ";
  for (const CLI::App* at = &command; at != nullptr; at = at->get_parent())
    for (const CLI::Option* option : at->get_options())
      for (const std::string& name : option->get_lnames()) words += "--" + name + " ";
  if (!words.empty()) words.pop_back();
  return words;
}

void add_cases(const CLI::App& command, const std::string& path, std::string& cases) {
  cases += fmt::format("    \"{}\") words=\"{}\" ;;\n", path, words_of(command));
  for (const CLI::App* sub : command.get_subcommands({}))
    add_cases(*sub, path.empty() ? sub->get_name() : path + " " + sub->get_name(), cases);
}

std::string bash_script(const CLI::App& root) {
  std::string cases;
  add_cases(root, "", cases);
  return fmt::format(R"bash(# handlewatch completion for bash; load it with: source <(handlewatch completion bash)
_handlewatch_words() {{
  local words=""
  case "$1" in
{}  esac
  printf '%s' "$words"
}}
_handlewatch() {{
  local path="" word try
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case "$word" in -*) continue ;; esac
    try="${{path:+$path }}$word"
    [ -n "$(_handlewatch_words "$try")" ] && path="$try"
  done
  COMPREPLY=($(compgen -W "$(_handlewatch_words "$path")" -- "${{COMP_WORDS[COMP_CWORD]}}"))
  [ ${{#COMPREPLY[@]}} -gt 0 ] || COMPREPLY=($(compgen -f -- "${{COMP_WORDS[COMP_CWORD]}}"))
}}
complete -o filenames -F _handlewatch handlewatch
)bash",
                     cases);
}

std::string zsh_script(const CLI::App& root) {
  return "autoload -U +X bashcompinit && bashcompinit\n" + bash_script(root);
}

void add_fish_lines(const CLI::App& command, const std::string& condition, std::string& lines) {
  for (const CLI::App* sub : command.get_subcommands({})) {
    lines += fmt::format("complete -c handlewatch -n '{}' -f -a {} -d '{}'\n", condition, sub->get_name(),
                         sub->get_description());
    add_fish_lines(*sub, fmt::format("__fish_seen_subcommand_from {}", sub->get_name()), lines);
  }
  for (const CLI::Option* option : command.get_options())
    for (const std::string& name : option->get_lnames())
      lines += fmt::format("complete -c handlewatch -n '{}' -l {}\n", condition, name);
}

std::string fish_script(const CLI::App& root) {
  std::string lines = "# handlewatch completion for fish; load it with: handlewatch completion fish | source\n";
  add_fish_lines(root, "__fish_use_subcommand", lines);
  return lines;
}

}  // namespace

void add_completion(CLI::App& root, Session& session) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command = root.add_subcommand("completion", "A completion script for your shell");
  command->add_option("SHELL", *shell, "bash, zsh or fish")->required()->check(CLI::IsMember({"bash", "zsh", "fish"}));
  command->footer("Example:\n  source <(handlewatch completion bash)");
  command->callback([&root, &session, shell] {
    session.action = [&root, &session, shell]() -> Result<int> {
      *session.out << (*shell == "bash" ? bash_script(root) : *shell == "zsh" ? zsh_script(root) : fish_script(root));
      return kDone;
    };
  });
}

}  // namespace hw::app
