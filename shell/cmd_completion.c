/* shell/cmd_completion.c - `completion`: the Tab key in bash, zsh and fish.
 *
 * Each script hands the line up to the cursor to `dockershell complete` and puts its
 * answer into the shell's own form: what there is to be completed is known in one
 * place. */
#include <errno.h>
#include <string.h>

#include "runtime/base/err.h"
#include "runtime/base/lang.h"
#include "shell/commands.h"

/* bash cuts words at = and : and wants only what goes on with the last part ($2). */
static const char bash[] =
	"# bash completion for dockershell, made by: dockershell completion bash\n"
	"_dockershell() {\n"
	"\tlocal want at typed part quoted=0 cut=0 word path i going=1 program=${1/#\\~/$HOME}\n"
	"\tlocal -a lines files=()\n"
	"\tCOMPREPLY=()\n"
	"\tmapfile -t lines < <(\"$program\" complete -- \"${COMP_LINE:0:COMP_POINT}\" 2>/dev/null)\n"
	"\t[ \"${#lines[@]}\" -ge 2 ] || return 0\n"
	"\tread -r want at <<<\"${lines[0]}\"\n"
	"\ttyped=${lines[1]}\n"
	"\tpart=${2#[\\\"\\']}\n"
	"\t[[ ${COMP_WORDS[COMP_CWORD]} == [\\\"\\']* ]] && quoted=1\n"
	"\t[ \"$quoted\" = 1 ] || IFS= read part <<<\"$2\" # without its backslashes\n"
	"\tif [[ $typed == *\"$part\" ]]; then\n"
	"\t\tcut=$((${#typed} - ${#part}))\n"
	"\tfi\n"
	"\tpath=${typed:at}\n"
	"\tcase $want in\n"
	"\tfiles) mapfile -t files < <(compgen -f -- \"$path\") ;;\n"
	"\tfolders) mapfile -t files < <(compgen -d -- \"$path\") ;;\n"
	"\tesac\n"
	"\tfor word in \"${lines[@]:2}\"; do\n"
	"\t\tword=${word%%$'\\t'*}\n"
	"\t\tword=${word:cut}\n"
	"\t\t# Where names of files are among them, bash quotes all itself.\n"
	"\t\tif [[ ${#files[@]} = 0 && $quoted = 0 &&\n"
	"\t\t\t$word == *[[:space:]\\\"\\'\\\\\\$\\&\\;\\(\\)\\*]* ]]; then\n"
	"\t\t\tprintf -v word %q \"$word\"\n"
	"\t\tfi\n"
	"\t\tCOMPREPLY+=(\"$word\")\n"
	"\tdone\n"
	"\tif [ \"${#files[@]}\" -gt 0 ]; then\n"
	"\t\tcompopt -o filenames 2>/dev/null\n"
	"\t\tfor word in \"${files[@]}\"; do\n"
	"\t\t\tword=${typed:0:at}$word\n"
	"\t\t\tCOMPREPLY+=(\"${word:cut}\")\n"
	"\t\tdone\n"
	"\tfi\n"
	"\tfor i in \"${!COMPREPLY[@]}\"; do\n"
	"\t\t[[ ${COMPREPLY[i]} == *[:=/.] ]] || going=0\n"
	"\tdone\n"
	"\t[ \"$going\" = 0 ] || compopt -o nospace 2>/dev/null\n"
	"\treturn 0\n"
	"}\n"
	"complete -F _dockershell dockershell\n";

/* An open brace of the word is zsh's own matter: PREFIX lacks it, and zsh puts it back
 * before what it takes from here, which is quoted (-Q) but for its braces. */
static const char zsh[] =
	"#compdef dockershell\n"
	"# zsh completion for dockershell, made by: dockershell completion zsh\n"
	"_dockershell() {\n"
	"\tlocal word text mean shown last=$compstate[quote]$PREFIX line\n"
	"\tlocal -a lines going_on whole going_on_shown whole_shown head braces\n"
	"\tif [[ -z $compstate[quote] && $words[CURRENT] == *\\{* ]]; then\n"
	"\t\tlast=${words[CURRENT]%\"$SUFFIX\"}\n"
	"\t\tbraces=(-Q -U -S ' ')\n"
	"\tfi\n"
	"\tline=\"${(j: :)words[1,CURRENT-1]} $last\"\n"
	"\tlines=(\"${(@f)$(${words[1]/#\\~/$HOME} complete -- \"$line\" 2>/dev/null)}\")\n"
	"\t(( $#lines >= 2 )) || return 1\n"
	"\thead=(${=lines[1]})\n"
	"\tfor word in \"${(@)lines[3,-1]}\"; do\n"
	"\t\ttext=${word%%$'\\t'*}\n"
	"\t\tmean=${word#*$'\\t'}\n"
	"\t\t[[ -n $text ]] || continue\n"
	"\t\tshown=\"$text${mean:+  -- $mean}\"\n"
	"\t\tif (( $#braces )); then\n"
	"\t\t\ttext=${(q)text#\"$lines[2]\"}\n"
	"\t\t\ttext=$PREFIX${${text//\\\\\\{/\\{}//\\\\\\}/\\}}\n"
	"\t\tfi\n"
	"\t\tif [[ $text == *[:=/.] ]]; then\n"
	"\t\t\tgoing_on+=(\"$text\")\n"
	"\t\t\tgoing_on_shown+=(\"$shown\")\n"
	"\t\telse\n"
	"\t\t\twhole+=(\"$text\")\n"
	"\t\t\twhole_shown+=(\"$shown\")\n"
	"\t\tfi\n"
	"\tdone\n"
	"\t(( $#whole )) && compadd -l $braces -d whole_shown -a whole\n"
	"\t(( $#going_on )) && compadd -l $braces -S '' -d going_on_shown -a going_on\n"
	"\tcompset -P \"${(b)lines[2][1,head[2]]}\"\n"
	"\tcase $head[1] in\n"
	"\tfiles) _files ;;\n"
	"\tfolders) _files -/ ;;\n"
	"\tesac\n"
	"}\n"
	"if [ \"$funcstack[1]\" = _dockershell ]; then\n"
	"\t_dockershell \"$@\"\n"
	"else\n"
	"\tcompdef _dockershell dockershell\n"
	"fi\n";

static const char fish[] =
	"# fish completion for dockershell, made by: dockershell completion fish\n"
	"function __dockershell_complete\n"
	"\tset -l program (commandline -opc)[1]\n"
	"\tset -l lines ($program complete -- (commandline -cp | string collect) 2>/dev/null)\n"
	"\ttest (count $lines) -ge 2; or return\n"
	"\t# fish would put a backslash before braces that close: without a quote, they are\n"
	"\t# left to be typed.\n"
	"\tif not string match -qr '[\\'\"]' -- (commandline -ct)\n"
	"\t\tset lines (string replace -r '[}]}(?=\\t|$)' '' -- $lines)\n"
	"\tend\n"
	"\tset -l head (string split ' ' -- $lines[1])\n"
	"\tif test (count $lines) -gt 2\n"
	"\t\tprintf '%s\\n' $lines[3..-1]\n"
	"\tend\n"
	"\tset -l before (string sub -l $head[2] -- $lines[2])\n"
	"\tset -l path (string sub -s (math $head[2] + 1) -- $lines[2])\n"
	"\t# A ~ or a $NAME becomes the folder to look there, and is put back.\n"
	"\tset -l short (string match -r '^(?:~|\\$\\w+)(?=/)' -- $path)\n"
	"\tset -l long $HOME\n"
	"\tif string match -q '$*' -- $short\n"
	"\t\tset -l name (string sub -s 2 -- $short)\n"
	"\t\tset long $$name[1]\n"
	"\tend\n"
	"\tif set -q short[1]\n"
	"\t\tset -q long[1]; or return\n"
	"\t\tset path $long(string sub -s (math 1 + (string length -- $short)) -- $path)\n"
	"\tend\n"
	"\tset -l files\n"
	"\tswitch $head[1]\n"
	"\t\tcase files\n"
	"\t\t\tset files (__fish_complete_path $path '')\n"
	"\t\tcase folders\n"
	"\t\t\tset files (string match -r '.*/(?=\\t?$)' -- (__fish_complete_path $path ''))\n"
	"\tend\n"
	"\tfor file in $files\n"
	"\t\tset -q short[1]; and set file $short(string sub -s (math 1 + (string length -- $long)) -- $file)\n"
	"\t\techo $before$file\n"
	"\tend\n"
	"end\n"
	"complete -c dockershell -f -a '(__dockershell_complete)'\n";

static const struct {
	const char *shell;
	const char *script;
} scripts[] = { { "bash", bash }, { "zsh", zsh }, { "fish", fish } };

static int run(struct shell *shell, struct args *args, struct err *err)
{
	for (size_t i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++) {
		if (strcmp(scripts[i].shell, args->words[0]) != 0)
			continue;
		fputs(scripts[i].script, shell->out);
		return 0;
	}
	err_set(err, EINVAL, _("completion: there is none for '%s'"),
		args->words[0]);
	return err_hint(err, _("there is one for bash, zsh and fish"));
}

static const char *const examples[] = {
	"completion bash",
	"completion fish",
	NULL,
};

const struct cmd cmd_completion = {
	.name = "completion",
	.group = N_("Shell"),
	.synopsis = "bash|zsh|fish",
	.summary = N_(
		"Print what makes Tab complete 'dockershell ...' in your shell"),
	.min_args = 1,
	.max_args = 1,
	.examples = examples,
	.run = run,
	.ours = true,
	.needs = CMD_NEEDS_NOTHING,
	.first = COMPLETE_SHELLS,
	.rest = COMPLETE_NOTHING,
};
