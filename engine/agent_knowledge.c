/* SPDX-License-Identifier: Apache-2.0 */
#include "engine/agent_knowledge.h"

#include "engine/core/log.h"
#include "proto/charset.h"

void agent_open_charsets(void)
{
	int missing = charset_open();
	if (missing > 0)
		log_line(LOG_WARN, "agent",
			"charsets_missing=%d what=\"texts in these are read as Latin-1: this "
			"system lacks gconv modules of its C library\"",
			missing);
}
