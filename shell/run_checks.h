/* shell/run_checks.h - what the values of run's options must be like.
 *
 * Each is an opt_check: Docker's client looks at these as it reads the line, and
 * says 'invalid argument "x" for "--y" flag: ...'. */
#ifndef SHELL_RUN_CHECKS_H
#define SHELL_RUN_CHECKS_H

#include "shell/cmd.h"

opt_check run_check_stream;  /* stdin, stdout, stderr */
opt_check run_check_env;     /* NAME=value or NAME */
opt_check run_check_label;   /* name=value or name */
opt_check run_check_host;    /* name:address */
opt_check run_check_address; /* an IP address */
opt_check run_check_domain;
opt_check run_check_mount;
opt_check run_check_device;
opt_check run_check_duration; /* 1m30s */
opt_check run_check_cpus;     /* 0.5 */
opt_check run_check_swap;     /* bytes, or -1 */
opt_check run_check_ulimit;
opt_check run_check_label;    /* NAME=value or NAME */
opt_check run_check_link;    /* NAME[:ALIAS] */
opt_check run_check_network; /* a network, or name=...,alias=...: see run_net.c */

#endif
