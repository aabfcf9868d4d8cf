/* SPDX-License-Identifier: Apache-2.0
 * What `platen poll` takes of IPP: --ipp, --ipp-port, and a URL in place of the host. */
#ifndef PLATEN_AGENT_PRINTER_URL_H
#define PLATEN_AGENT_PRINTER_URL_H

#include "engine/agent/agent.h"
#include "engine/cli/cli.h"
#include "proto/base/limits.h"

/* Where a URL's parts are kept: the options point into it. */
struct agent_ipp_url {
	char host[LIMIT_HOST + 1];
	char path[LIMIT_HTTP_TARGET];
};

/* ipp://host[:port][/path], ipps:// likewise: the host is asked by IPP only, without a path under
 * the usual ones. Whether `o->host` is such a URL: 1 yes, and o says what to ask; 0 no; or
 * ERR_USAGE with what is wrong in `why`. */
int agent_ipp_take_url(
	struct agent_poll_options *o, struct agent_ipp_url *parts, const char **why) MUST_USE;

/* The options and the URL. CLI_OK or CLI_USAGE after a message. */
int agent_ipp_take(
	const struct cli *cli, struct agent_poll_options *o, struct agent_ipp_url *parts) MUST_USE;

#endif
