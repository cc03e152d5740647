/* shell/commands.h - the one list of commands.
 *
 * To add one: its `const struct cmd cmd_NAME` in shell/cmd_NAME.c, its
 * declaration here, its line in the list of commands.c. */
#ifndef SHELL_COMMANDS_H
#define SHELL_COMMANDS_H

#include <stdbool.h>
#include <stddef.h>

#include "shell/cmd.h"

/* Containers */
extern const struct cmd cmd_attach;
extern const struct cmd cmd_container_prune;
extern const struct cmd cmd_volume_create;
extern const struct cmd cmd_volume_inspect;
extern const struct cmd cmd_volume_ls;
extern const struct cmd cmd_volume_prune;
extern const struct cmd cmd_volume_rm;
extern const struct cmd cmd_events;
extern const struct cmd cmd_kill;
extern const struct cmd cmd_rename;
extern const struct cmd cmd_restart;
extern const struct cmd cmd_wait;
extern const struct cmd cmd_container_run;
extern const struct cmd cmd_commit;
extern const struct cmd cmd_cp;
extern const struct cmd cmd_create;
extern const struct cmd cmd_container_inspect;
extern const struct cmd cmd_diff;
extern const struct cmd cmd_doctor;
extern const struct cmd cmd_explain;
extern const struct cmd cmd_exec;
extern const struct cmd cmd_export;
extern const struct cmd cmd_history;
extern const struct cmd cmd_image_inspect;
extern const struct cmd cmd_build;
extern const struct cmd cmd_builder_prune;
extern const struct cmd cmd_image_prune;
extern const struct cmd cmd_image_recipe;
extern const struct cmd cmd_image_restore;
extern const struct cmd cmd_images;
extern const struct cmd cmd_import;
extern const struct cmd cmd_info;
extern const struct cmd cmd_inspect;
extern const struct cmd cmd_load;
extern const struct cmd cmd_logs;
extern const struct cmd cmd_port;
extern const struct cmd cmd_pause;
extern const struct cmd cmd_ps;
extern const struct cmd cmd_rm;
extern const struct cmd cmd_rmi;
extern const struct cmd cmd_save;
extern const struct cmd cmd_start;
extern const struct cmd cmd_stats;
extern const struct cmd cmd_stop;
extern const struct cmd cmd_system_df;
extern const struct cmd cmd_system_prune;
extern const struct cmd cmd_top;
extern const struct cmd cmd_unpause;
extern const struct cmd cmd_update;
/* Windows into the machinery */
extern const struct cmd cmd_cow;
extern const struct cmd cmd_lookup;
extern const struct cmd cmd_ns;
extern const struct cmd cmd_ports;
extern const struct cmd cmd_tree;
extern const struct cmd cmd_uidmap;
extern const struct cmd cmd_watch;
/* Networks */
extern const struct cmd cmd_network_connect;
extern const struct cmd cmd_network_create;
extern const struct cmd cmd_network_disconnect;
extern const struct cmd cmd_network_inspect;
extern const struct cmd cmd_network_ls;
extern const struct cmd cmd_network_prune;
extern const struct cmd cmd_network_rm;
/* Windows into the machinery */
extern const struct cmd cmd_layers;
extern const struct cmd cmd_argv;
extern const struct cmd cmd_compare;
extern const struct cmd cmd_du;
extern const struct cmd cmd_sent;
extern const struct cmd cmd_whose;
extern const struct cmd cmd_why;
/* Shell */
extern const struct cmd cmd_bg;
extern const struct cmd cmd_tag;
extern const struct cmd cmd_cd;
extern const struct cmd cmd_edit;
extern const struct cmd cmd_exit;
extern const struct cmd cmd_fg;
extern const struct cmd cmd_help;
extern const struct cmd cmd_jobs;
extern const struct cmd cmd_lang;
extern const struct cmd cmd_pwd;
extern const struct cmd cmd_completion;
extern const struct cmd cmd_complete;
extern const struct cmd cmd_version;
extern const struct cmd cmd_lessons;
extern const struct cmd cmd_learn;
extern const struct cmd cmd_goal;
extern const struct cmd cmd_answer;
extern const struct cmd cmd_hint;
extern const struct cmd cmd_check;
extern const struct cmd cmd_next;
extern const struct cmd cmd_reset;
extern const struct cmd cmd_solution;
extern const struct cmd cmd_progress;
extern const struct cmd cmd_card;
extern const struct cmd cmd_tour;
extern const struct cmd cmd_demo;
extern const struct cmd cmd_notebook;
extern const struct cmd cmd_notebook_export;
extern const struct cmd cmd_note;
extern const struct cmd cmd_leave;
extern const struct cmd cmd_lesson_new;
extern const struct cmd cmd_lesson_lint;
extern const struct cmd cmd_lesson_test;
extern const struct cmd cmd_lesson_preview;
extern const struct cmd cmd_submit;
extern const struct cmd cmd_grade;

/* All of them, in the order of the help; NULL-terminated. */
extern const struct cmd *const commands[];

/* Finds the command that the words begin with: "run", or "container" "ls".
 * out_used  how many words name it (1 or 2)
 * NULL where there is none. `words` ends with NULL. */
const struct cmd *command_find(char *const *words, int *out_used);

/* By its one name: "run", "container ls". */
const struct cmd *command_named(const char *name);

/* Whether "container", "image" ...: first word of a two-word name. */
bool command_is_group(const char *word);

/* The name nearest to a mistyped one, or NULL. With `group`, among the second
 * words of that group. */
const char *command_nearest(const char *group, const char *typed);

/* Docker's commands that are not here: why, in the chosen language, or NULL.
 * `out_instead`: what to use, or NULL. */
const char *command_refused(const char *name, const char **out_instead);

/* The nearest of those to a mistyped name, or NULL. */
const char *command_refused_nearest(const char *typed);

#endif
