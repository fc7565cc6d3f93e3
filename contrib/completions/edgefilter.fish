# SPDX-License-Identifier: MIT
# fish completion for edgefilter.

function __edgefilter_store # the state directory that is named
    set -l words (commandline -opc)
    set -l at (contains -i -- --state $words); and printf '%s\n' --state $words[(math $at + 1)]
end

function __edgefilter_users
    edgefilter (__edgefilter_store) users list 2>/dev/null | awk 'NR > 1 { print $2 }'
end

function __edgefilter_keys
    edgefilter (__edgefilter_store) keys list 2>/dev/null | awk 'NR > 1 { print $1 }'
end

function __edgefilter_groups
    printf '%s\n' key user model endpoint upstream day
end

function __edgefilter_does -a command action
    __fish_seen_subcommand_from $command; and __fish_seen_subcommand_from $action
end

set -l commands listen check users keys usage log translate dialects help version
set -l limiting '__edgefilter_does keys issue; or __edgefilter_does keys limit'
complete -c edgefilter -f
complete -c edgefilter -n "not __fish_seen_subcommand_from $commands" -a "$commands"
complete -c edgefilter -s c -l config -r -F -d 'The configuration'
complete -c edgefilter -l set -x -d 'One setting'
complete -c edgefilter -s p -l port -x -d 'Port to listen on'
complete -c edgefilter -l host -x -d 'Address to listen on'
complete -c edgefilter -l env -r -F -d 'Variables from a file'
complete -c edgefilter -l state -x -a '(__fish_complete_directories)' -d 'The state directory'
complete -c edgefilter -n '__fish_seen_subcommand_from users keys usage' -l json -d 'For programs'
complete -c edgefilter -l help
complete -c edgefilter -l version

complete -c edgefilter -n '__fish_seen_subcommand_from users; and not __fish_seen_subcommand_from add list remove' -a 'add list remove'
complete -c edgefilter -n '__edgefilter_does users add' -l email -x
complete -c edgefilter -n '__edgefilter_does users list; or __edgefilter_does keys list' -l all -d 'Those that are gone too'
complete -c edgefilter -n '__edgefilter_does users remove' -a '(__edgefilter_users)'

complete -c edgefilter -n '__fish_seen_subcommand_from keys; and not __fish_seen_subcommand_from issue list revoke limit' -a 'issue list revoke limit'
complete -c edgefilter -n '__edgefilter_does keys issue; or __edgefilter_does keys list; or __fish_seen_subcommand_from usage' -l user -x -a '(__edgefilter_users)'
complete -c edgefilter -n '__edgefilter_does keys issue' -l name -x -d 'What you call it'
complete -c edgefilter -n '__edgefilter_does keys issue' -l count -x -d 'How many'
complete -c edgefilter -n "$limiting" -l expires -x -a 'never 30d 90d 1y'
complete -c edgefilter -n "$limiting" -l models -x -d 'Patterns, with commas'
complete -c edgefilter -n "$limiting" -l default-model -x
complete -c edgefilter -n "$limiting" -l rpm -x -d 'Requests a minute'
complete -c edgefilter -n "$limiting" -l tpd -x -d 'Tokens a day'
complete -c edgefilter -n '__edgefilter_does keys revoke; or __edgefilter_does keys limit' -a '(__edgefilter_keys)'

complete -c edgefilter -n '__fish_seen_subcommand_from log; and not __fish_seen_subcommand_from verify prune' -a 'verify prune'
complete -c edgefilter -n '__edgefilter_does log prune' -l keep -x -a '30d 90d 365d'
complete -c edgefilter -n '__fish_seen_subcommand_from usage' -l by -x -a '(__fish_complete_list , __edgefilter_groups)'
complete -c edgefilter -n '__fish_seen_subcommand_from usage' -l key -x -a '(__edgefilter_keys)'
complete -c edgefilter -n '__fish_seen_subcommand_from usage' -l csv -d 'For spreadsheets'
complete -c edgefilter -n '__fish_seen_subcommand_from usage' -l from -x -d 'First day'
complete -c edgefilter -n '__fish_seen_subcommand_from usage' -l to -x -d 'Last day'
complete -c edgefilter -n '__fish_seen_subcommand_from listen' -l admin -r -F -d 'For administration: address or socket'
complete -c edgefilter -n '__fish_seen_subcommand_from check' -l connect
complete -c edgefilter -n '__fish_seen_subcommand_from translate dialects' -l from -x -a 'openai anthropic responses dashscope cyber anuneko'
complete -c edgefilter -n '__fish_seen_subcommand_from translate dialects' -l to -x -a 'openai anthropic responses dashscope cyber anuneko'
complete -c edgefilter -n '__fish_seen_subcommand_from translate dialects' -l quirk -x
complete -c edgefilter -n '__fish_seen_subcommand_from translate' -l strict
complete -c edgefilter -n '__fish_seen_subcommand_from translate' -l explain
complete -c edgefilter -n '__fish_seen_subcommand_from translate' -l reply
complete -c edgefilter -n '__fish_seen_subcommand_from translate' -l stream
complete -c edgefilter -n '__fish_seen_subcommand_from translate' -l request -r -F
