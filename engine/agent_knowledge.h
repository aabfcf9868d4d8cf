/* SPDX-License-Identifier: Apache-2.0
 * What the process has to load before it reads a printer: tables of character sets. */
#ifndef PLATEN_AGENT_KNOWLEDGE_H
#define PLATEN_AGENT_KNOWLEDGE_H

/* Logs what this system lacks; reading goes on without it. May be called again. */
void agent_open_charsets(void);

#endif
