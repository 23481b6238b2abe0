-- SPDX-License-Identifier: MIT
-- wrk sends the file that its argument names, as it is, and prints its counts as JSON.

local message

function init(args)
    local file = assert(io.open(args[1], "rb"))
    message = file:read("*a")
    file:close()
end

function request()
    return message
end

function done(summary)
    local errors = summary.errors
    io.write(string.format('\n{"requests": %d, "microseconds": %d, "errors": %d}\n',
        summary.requests, summary.duration,
        errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
