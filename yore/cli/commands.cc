// The table of subcommands: for each a row here and a file cli/theory/NAME.cc, or cli/NAME_line.cc (what it
// takes) and cli/tensor/NAME.cc, which the build finds by itself. This file is compiled once for each of the
// two programs (tensor_program.h).
#include "yore/cli/command.h"

// A row's maker is declared where it is used, so that a command needs no line in a header.
#define YORE_MAKER(NAME, MAKE, HERE)            \
  maker(                                        \
      #NAME,                                    \
      [] {                                      \
        extern std::unique_ptr<Command> MAKE(); \
        return MAKE();                          \
      },                                        \
      HERE)
#define YORE_COMMAND(NAME) YORE_MAKER(NAME, make_##NAME, true)

// A command of cli/tensor/, which only yore-tensor is linked with.
#ifdef YORE_TENSOR_PROGRAM
#define YORE_TENSOR_COMMAND(NAME) YORE_COMMAND(NAME)
#else
#define YORE_TENSOR_COMMAND(NAME) YORE_MAKER(NAME, make_##NAME##_line, false)
#endif

namespace yore::cli {
namespace {

constexpr Maker maker(const char* name, std::unique_ptr<Command> (*make)(), bool here) {
  return {name, make, here};
}

}  // namespace

std::span<const CommandEntry> commands() {
  static const CommandEntry table[] = {
      {YORE_COMMAND(classify), "decide which attention recognises a language, with a formula or a witness",
       "  yore classify '(ab)*'\n"
       "  yore classify '.*a.*b.*' --alphabet abc --json\n"
       "  yore classify --ltl 'P (b & Y a)' --is hybrid      exit 0 if it is, 1 if not\n"
       "  yore classify --dfa machine.json --lookback 2      2-local heads instead of 1-local"},
      {YORE_COMMAND(languages), "list the named languages of the literature, or show one",
       "  yore languages\n"
       "  yore languages dyck-2\n"
       "  yore languages --json"},
      {YORE_COMMAND(equivalent), "compare two languages; a shortest difference if there is one",
       "  yore equivalent '(ab)*' '()|a(ba)*b'                    the same language: exit 0\n"
       "  yore equivalent name:tomita-1 'regex:1*' --alphabet 01  the same\n"
       "  yore equivalent '(ab)*' 'ltl:!P(b & !Y a)'              not, for \"a\": exit 1"},
      {YORE_COMMAND(convert), "write a language as regex, formula, automaton (JSON, AT&T) or picture (DOT)",
       "  yore convert '(ab)*' --to formula\n"
       "  yore convert --ltl 'P a' --alphabet ab --to json -o machine.json\n"
       "  yore convert name:dyck-2 --to dot | dot -Tsvg > dyck.svg"},
      {YORE_COMMAND(sample), "draw words of a language and of its complement, exactly uniformly by length",
       "  yore sample '(ab)*' --count 6\n"
       "  yore sample name:parity --min-length 41 --max-length 100 --only positive --json"},
      {YORE_COMMAND(compile), "compute a transformer or recurrence that recognises a language, with a proof",
       "  yore compile '(ab)*' --explain\n"
       "  yore compile '(ab)*' -o models/ab\n"
       "  yore compile --ltl 'P (b & Y a)' --alphabet abc --encoding +-1 -o models/ab-factor\n"
       "  yore compile name:dyck-1 --once uniform --length 500\n"
       "  yore compile name:parity --mixer auto -o models/parity    beyond attention: gla, mamba2, delta_net "
       ".."},
      {YORE_TENSOR_COMMAND(verify),
       "hold a model against a language: all short words, long ones, and a proof",
       "  yore verify models/ab\n"
       "  yore verify models/ab --exhaustive 16 --max-words 2000000 --random 10000\n"
       "  yore verify runs/ab-hybrid '(ab)*' --length 500 --json"},
      {YORE_TENSOR_COMMAND(run),
       "ask a model about words, from standard input; --trace shows how a compiled one decides",
       "  printf 'abab\\nabba\\n' | yore run models/ab\n"
       "  yore run models/ab --words abab --trace"},
      {YORE_TENSOR_COMMAND(extract), "read an automaton out of a model, and compare it with the language",
       "  yore extract models/ab\n"
       "  yore extract runs/ab-hybrid '(ab)*' -o learnt.json"},
      {YORE_COMMAND(picture), "draw a compiled model: its coordinates, heads and gates with their names",
       "  yore picture models/ab -o ab.html                  a page: picture, names, tables, proof\n"
       "  yore picture models/ab --to dot | dot -Tsvg > ab.svg"},
      {YORE_TENSOR_COMMAND(train), "train one model; the same command again resumes it",
       "  yore train '(ab)*' --attention hybrid --out runs/ab-hybrid\n"
       "  yore train --config run.toml --seed 2 --out runs/second\n"
       "  yore train '(ab)*' --init compiled --out runs/ab-compiled\n"
       "  yore train --task text:book.txt --mixer '3*attention:window=64/attention' --out runs/text\n"
       "  yore train --task text:book.txt,tokenizer=model/tokenizer.json --out runs/tokens\n"
       "  yore train --run runs/ab-hybrid                    continue with the configuration stored there\n"
       "  yore train --run runs/ab-hybrid --steps 6000       a finished run goes on to 6000 steps in all",
       true},
      {YORE_COMMAND(launch), "several processes on this machine that train one model together",
       "  yore launch -n 2 -- train --task text:book.txt --out runs/text\n"
       "  yore launch -n 2 -- train --run runs/text          continue; also with another number of "
       "processes\n"
       "  torchrun --nproc-per-node 2 --no-python yore train --task text:book.txt --out runs/text   the "
       "same"},
      {YORE_TENSOR_COMMAND(evaluate),
       "measure a trained model on its task, or ask a recogniser about given words",
       "  yore evaluate runs/ab-hybrid\n"
       "  yore evaluate runs/ab-hybrid --buckets 501-600 --words-per-bucket 200 --json\n"
       "  yore evaluate runs/ab-hybrid --words abab abba\n"
       "  yore evaluate models/smollm2 --task text:book.txt --select tau=0.5:0.7:0.9   attention on fewer "
       "tokens"},
      {YORE_TENSOR_COMMAND(generate), "let a model of next tokens go on from a prompt",
       "  yore generate runs/text --prompt 'the cat' --count 40\n"
       "  yore generate runs/text --prompt 'the cat' --temperature 0.8 --top-k 20 --seed 3\n"
       "  yore generate runs/text --prompt-file chapter.txt --stop 'THE END' --stats\n"
       "  yore generate runs/text --prompt 'the cat' --temperature 1 --samples 4 --json\n"
       "  yore generate runs/text --prompt 'the cat' --count 0 --save-state cat.state\n"
       "  yore generate runs/text --state cat.state --prompt ' sat' --count 20\n"
       "  yore generate runs/text --prompt 'the cat' --draft runs/smaller --draft-tokens 6\n"
       "  yore generate runs/text --prompt 'the cat' --window-global 128 --sinks 4"},
      {YORE_TENSOR_COMMAND(inspect), "look inside a model that reads a text: heads, sinks, norms, gradients",
       "  yore inspect runs/text --text book.txt\n"
       "  yore inspect models/smollm2 --text book.txt --tokens 4096 --out inside\n"
       "  yore inspect models/smollm2 --text book.txt --out inside --map 3:0 --map 20:5:100-199\n"
       "  yore inspect models/smollm2 --text book.txt --tokens 512 --gradients --json\n"
       "  yore inspect models/smollm2 --text book.txt --tokens 512 --select tau=0.7:0.9 --out inside"},
      {YORE_TENSOR_COMMAND(localise), "give heads of a trained model a window where they can do with one",
       "  yore localise models/smollm2 --text book.txt --budget 0.5 --out models/half-local\n"
       "  yore localise models/smollm2 --text book.txt --window 64 --sinks 4 --within 1 --out models/local\n"
       "  yore localise runs/text --text book.txt --budget 2 --window 16 --heal 100 --out models/healed"},
      {YORE_TENSOR_COMMAND(budget),
       "give up heads of attention: harden, slice, and measure what it costs and saves",
       "  yore train --task marked_token --head-budget 0.25 --out runs/gated\n"
       "  yore budget harden runs/gated --budget 0.5 --adapt 200 --out models/hard\n"
       "  yore budget slice models/hard --out models/small      an ordinary model; any command takes it\n"
       "  yore budget harden models/smollm2 --rank norm --budget 0.9 --out models/pruned\n"
       "  yore budget bench runs/gated --budgets 0.25 0.5 0.75 --adapt 200\n"
       "  yore budget bench runs/budgets -o budgets.json        every run of a study"},
      {YORE_COMMAND(circuit), "arithmetic circuits: one transformer evaluates all of a depth, exactly",
       "  yore circuit compile --depth 8 -o models/circuits\n"
       "  yore circuit run models/circuits examples/circuit.txt --inputs 3 -1/2 --trace\n"
       "  yore circuit verify models/circuits --random 2000\n"
       "  yore circuit from models/circuits --tokens 3 -o unrolled.txt\n"
       "  yore circuit show examples/circuit.txt --inputs 3 -1/2 -o circuit.html\n"
       "  yore circuit precision models/circuits             what fp32 and fp64 lose, by depth and width"},
      {YORE_COMMAND(tasks), "list what models can learn, or show one task with its options",
       "  yore tasks\n"
       "  yore tasks formal"},
      {YORE_COMMAND(mixers), "list the mechanisms a layer can have, or show one with its options",
       "  yore mixers\n"
       "  yore mixers attention --json"},
      {YORE_COMMAND(plan), "what a run would train, and what it costs: parameters, state, operations",
       "  yore plan '(ab)*' --attention hybrid\n"
       "  yore plan --task text:book.txt --mixer '2*attention:window=64/attention' --width 128\n"
       "  yore plan --model runs/ab-hybrid --arrays",
       true},
      {YORE_COMMAND(study), "a grid of training runs with a report, and theory beside it",
       "  yore study '(ab)*' --out runs/ab\n"
       "  yore study name:last-a --attention global local:1 local:2 hybrid --seeds 1 2 3 4 5 --out "
       "runs/last\n"
       "  yore study '(ab)*' --init compiled compiled-shape --out runs/ab-init\n"
       "  yore study '(ab)*' --shard 1/2 --out runs/ab       the other machine runs --shard 2/2\n"
       "  yore study --task copy --axis 'mixer=attention:window=16;attention' --axis seed=1:3 --out "
       "runs/copy\n"
       "  yore study studies/once.toml --out runs/once       a published number, measured again\n"
       "  yore study studies/papers.toml --out runs/papers   a published table: ten languages, seven kinds",
       true},
      {YORE_COMMAND(capture),
       "do the samples that sizes of a task need grow like a + b ln T? A fit of given numbers",
       "  yore capture points.csv                            lines SIZE,SAMPLES, or SIZE,>SAMPLES\n"
       "  yore study studies/capture.toml --out runs/capture what measures such numbers, and fits them "
       "itself",
       false, false},
      {YORE_COMMAND(export), "write a model for other programs: ONNX, safetensors, a Hugging Face folder",
       "  yore export runs/ab-hybrid -o ab.onnx\n"
       "  yore export runs/ab-hybrid -o ab.safetensors --force\n"
       "  yore export models/smollm2 --to hf -o smollm2-hf   a model that transformers loads"},
      {YORE_COMMAND(import),
       "read a model of another program, or what yore export wrote, into a model's folder",
       "  yore import SmolLM2-135M -o models/smollm2         a folder of Hugging Face's\n"
       "  yore import gemma-3-270m.gguf -o models/gemma --dtype bf16\n"
       "  yore import ab.onnx -o models/ab\n"
       "  yore evaluate models/ab --words abab abba"},
      {YORE_COMMAND(completion), "print a completion script for the shell",
       "  yore completion bash > /etc/bash_completion.d/yore", false, false},
  };
  return table;
}

}  // namespace yore::cli
