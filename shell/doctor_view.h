/* shell/doctor_view.h - how a report on the machine is shown. */
#ifndef SHELL_DOCTOR_VIEW_H
#define SHELL_DOCTOR_VIEW_H

struct probe_facts;
struct probe_report;
struct shell;

/* For people: the answer first, one paragraph each, what to do next last. */
void doctor_view_print(struct shell *shell, const struct probe_report *report);

/* The same, one fact a line, without drawing. */
void doctor_view_plain(struct shell *shell, const struct probe_report *report);

/* One JSON object, with the facts. */
void doctor_view_json(struct shell *shell, const struct probe_report *report,
		      const struct probe_facts *facts);

#endif
