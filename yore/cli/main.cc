#include "yore/cli/command.h"

int main(int argc, char** argv) {
  return yore::cli::run_program(argc, argv);
}
