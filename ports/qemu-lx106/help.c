// SPDX-License-Identifier: MIT

#include "py/builtin.h"

const char board_help_text[] =
    "This is MicroPython with the tinyweb server, on an emulated ESP8266.\n"
    "\n"
    "The network is up already. To start a page and look at it in a browser:\n"
    "\n"
    "import examples.hello_world as hello\n"
    "hello.run()\n"
    "\n"
    "Control commands:\n"
    "  CTRL-A        -- on a blank line, enter raw REPL mode\n"
    "  CTRL-B        -- on a blank line, enter normal REPL mode\n"
    "  CTRL-C        -- interrupt a running program\n"
    "  CTRL-D        -- on a blank line, do a soft reset of the board\n"
    "  CTRL-E        -- on a blank line, enter paste mode\n"
    "\n"
    "For further help on a specific object, type help(obj)\n"
;
