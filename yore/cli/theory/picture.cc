// yore picture: a compiled model as Graphviz text, as a page or in words.
#include <fmt/format.h>

#include "yore/base/error.h"
#include "yore/circuits/construct.h"
#include "yore/circuits/picture.h"
#include "yore/cli/command.h"
#include "yore/cli/model_argument.h"
#include "yore/cli/option_values.h"
#include "yore/cli/output.h"
#include "yore/cli/theory/circuit_page.h"
#include "yore/cli/theory/picture_page.h"
#include "yore/compiler/network_text.h"
#include "yore/compiler/picture.h"

namespace yore::cli {
namespace {

class Picture : public Command {
 public:
  void declare(CLI::App& app) override {
    declare_model(app, model_);
    app.add_option(
           "--to", to_,
           "html: a page with the picture and tables; dot: the picture, for graphviz; text: the model "
           "in words. Default: html, and text where a terminal would show it")
        ->check(one_of({"dot", "html", "text"}));
    app.add_option("-o,--output", output_, "Write to this file instead of standard output")->check(a_path());
    app.add_flag("--force", force_, "Replace that file");
  }

  int run() override {
    check_output(output_, force_);
    const arch::ModelFile file = arch::read_model(model_);
    if (file.compiled.is_null())
      throw base::InputError(model_.string(),
                             "no manifest: only compiled models have names (yore compile makes them)");
    const std::string to = form_to_print(to_, output_, "html"), source = model_.string();
    if (circuits::is_circuit_model(file)) {
      deliver(to == "dot"    ? circuits::dot_of(file, source)
              : to == "text" ? circuits::explain(file, source)
                             : circuit_model_page(file, source),
              output_);
      return kOk;
    }
    const compiler::Manifest manifest = compiler::manifest_from_json(file.compiled, file, source);
    deliver(to == "dot"    ? compiler::dot_of(manifest, file)
            : to == "text" ? compiler::to_text(compiler::network_of(manifest, file))
                           : picture_page(manifest, file),
            output_);
    return kOk;
  }

 private:
  std::filesystem::path model_;
  std::string to_, output_;
  bool force_ = false;
};

}  // namespace

std::unique_ptr<Command> make_picture() {
  return std::make_unique<Picture>();
}

}  // namespace yore::cli
