/* SPDX-License-Identifier: Apache-2.0
 * How the command line names one printer: HOST, HOST:PORT, [IPV6]:PORT, or a URL of IPP. */
#ifndef PLATEN_AGENT_PRINTER_URL_H
#define PLATEN_AGENT_PRINTER_URL_H

#include "proto/base/err.h"
#include "proto/base/limits.h"

#include <stdbool.h>
#include <stdint.h>

struct printer_url {
	bool is_ipp;                  /* ipp:// or ipps:// */
	bool is_tls;                  /* ipps:// */
	uint16_t port;                /* 0: none was given */
	char host[LIMIT_HOST + 1];    /* a name or an address, without brackets */
	char path[LIMIT_HTTP_TARGET]; /* of a URL; "" or from '/' on */
};

/* ERR_USAGE with what is wrong in *why. */
int printer_url_parse(struct printer_url *ret, const char *text, const char **why) MUST_USE;

#endif
