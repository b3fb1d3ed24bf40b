// `rules explain`: a text, line by line, with what every rule made of it.
#pragma once

namespace CLI {
class App;
}

namespace hw::app {

struct Session;

void add_rules_explain(CLI::App& parent, Session& session);

}  // namespace hw::app
