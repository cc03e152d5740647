/* shell/repl.h - reading lines: at the prompt, from a script. */
#ifndef SHELL_REPL_H
#define SHELL_REPL_H

struct shell;

/* The prompt, until `exit` or the end of input. Returns the exit status. */
int repl_prompt(struct shell *shell);

enum repl_asked {
	REPL_TYPED,
	REPL_LEFT, /* Ctrl-C, or the end of input */
};

/* Asks for one line on the terminal, at any time; what is offered stands there
 * already and can be changed. *out (given) only with REPL_TYPED. */
enum repl_asked repl_ask(struct shell *shell, const char *prompt,
			 const char *offered, char **out);

/* A script. path NULL: standard input, of which commands may read what they do
 * not leave to the script. It ends at the first line that fails where
 * shell->stop. Returns the status of the last line; 126, 127 where it cannot be
 * read. */
int repl_script(struct shell *shell, const char *path);

/* The same for the lines of a text: `-c`. */
int repl_text(struct shell *shell, const char *text);

#endif
