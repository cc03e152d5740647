/* shell/why_end.h - what all causes of an end ask and say of it. */
#ifndef SHELL_WHY_END_H
#define SHELL_WHY_END_H

#include <stdbool.h>

#include "runtime/ending.h"

struct why;
struct why_finding;

/* The exit status of the last run. */
int why_code_of(const struct why *why);

/* It ran and ended, and its monitor saw it: no start that failed. */
bool why_has_ended(const struct why *why);

/* The last signal that was sent to it, or NULL. */
const struct ending_signal *why_last_signal(const struct why *why);

/* "sent by 'stop' or 'restart'" */
const char *why_asker_text(enum asker by);

/* How long it ran; its exit status and what that is made of; each signal. */
void why_fact_span(const struct why *why, struct why_finding *f);
void why_fact_status(const struct why *why, struct why_finding *f);
void why_fact_signals(const struct why *why, struct why_finding *f);

#endif
