// The table of subcommands.
#include "yore/cli/command.h"

namespace yore::cli {

std::span<const CommandEntry> commands() {
  static const CommandEntry table[] = {
      {"classify", "decide which attention recognises a language, with a formula or a witness",
       "  yore classify '(ab)*'\n"
       "  yore classify '.*a.*b.*' --alphabet abc --json\n"
       "  yore classify --ltl 'P (b & Y a)' --is hybrid      exit 0 if it is, 1 if not\n"
       "  yore classify --dfa machine.json --lookback 2      2-local heads instead of 1-local",
       make_classify},
      {"languages", "list the named languages of the literature, or show one",
       "  yore languages\n"
       "  yore languages dyck-2\n"
       "  yore languages --json",
       make_languages},
      {"equivalent", "compare two languages; a shortest difference if there is one",
       "  yore equivalent '(ab)*' '()|a(ba)*b'                    the same language: exit 0\n"
       "  yore equivalent name:tomita-1 'regex:1*' --alphabet 01  the same\n"
       "  yore equivalent '(ab)*' 'ltl:!P(b & !Y a)'              not, for \"a\": exit 1",
       make_equivalent},
      {"convert", "write a language as regex, formula, automaton (JSON, AT&T) or picture (DOT)",
       "  yore convert '(ab)*' --to formula\n"
       "  yore convert --ltl 'P a' --alphabet ab --to json -o machine.json\n"
       "  yore convert name:dyck-2 --to dot | dot -Tsvg > dyck.svg",
       make_convert},
      {"sample", "draw words of a language and of its complement, exactly uniformly by length",
       "  yore sample '(ab)*' --count 6\n"
       "  yore sample name:parity --min-length 41 --max-length 100 --only positive --json",
       make_sample},
      {"compile", "compute a transformer that recognises a language, with a proof",
       "  yore compile '(ab)*' --explain\n"
       "  yore compile '(ab)*' -o models/ab\n"
       "  yore compile --ltl 'P (b & Y a)' --alphabet abc --encoding +-1 -o models/ab-factor\n"
       "  yore compile name:dyck-1 --once uniform --length 500",
       make_compile},
      {"verify", "hold a model against a language: all short words, long ones, and a proof",
       "  yore verify models/ab\n"
       "  yore verify models/ab --exhaustive 16 --max-words 2000000 --random 10000\n"
       "  yore verify runs/ab-hybrid '(ab)*' --length 500 --json",
       make_verify},
      {"run", "ask a model about words, from standard input; --trace shows how a compiled one decides",
       "  printf 'abab\\nabba\\n' | yore run models/ab\n"
       "  yore run models/ab --words abab --trace",
       make_run},
      {"extract", "read an automaton out of a model, and compare it with the language",
       "  yore extract models/ab\n"
       "  yore extract runs/ab-hybrid '(ab)*' -o learnt.json",
       make_extract},
      {"picture", "draw a compiled model: its coordinates, heads and gates with their names",
       "  yore picture models/ab -o ab.html                  a page: picture, names, tables, proof\n"
       "  yore picture models/ab --to dot | dot -Tsvg > ab.svg",
       make_picture},
      {"train", "train one recogniser; the same command again resumes it",
       "  yore train '(ab)*' --attention hybrid --out runs/ab-hybrid\n"
       "  yore train --config run.toml --seed 2 --out runs/second\n"
       "  yore train '(ab)*' --init compiled --out runs/ab-compiled\n"
       "  yore train --run runs/ab-hybrid                    continue with the configuration stored there",
       make_train, true},
      {"evaluate", "measure a trained recogniser by length, or ask it about given words",
       "  yore evaluate runs/ab-hybrid\n"
       "  yore evaluate runs/ab-hybrid --buckets 501-600 --words-per-bucket 200 --json\n"
       "  yore evaluate runs/ab-hybrid --words abab abba",
       make_evaluate},
      {"study", "theory against measurement: verdict, a grid of training runs, a report",
       "  yore study '(ab)*' --out runs/ab\n"
       "  yore study name:last-a --attention global local:1 local:2 hybrid --seeds 1 2 3 4 5 --out "
       "runs/last\n"
       "  yore study '(ab)*' --init compiled compiled-shape --out runs/ab-init\n"
       "  yore study '(ab)*' --shard 1/2 --out runs/ab       the other machine runs --shard 2/2\n"
       "  yore study --suite papers --out runs/papers",
       make_study, true},
      {"export", "write a model as one file for other programs: ONNX, safetensors",
       "  yore export runs/ab-hybrid -o ab.onnx\n"
       "  yore export runs/ab-hybrid -o ab.safetensors --force",
       make_export},
      {"import", "read a file that yore export wrote back into a model's folder",
       "  yore import ab.onnx -o models/ab\n"
       "  yore evaluate models/ab --words abab abba",
       make_import},
      {"completion", "print a completion script for the shell",
       "  yore completion bash > /etc/bash_completion.d/yore", make_completion},
  };
  return table;
}

}  // namespace yore::cli
