# SPDX-License-Identifier: MIT
# bash completion for edgefilter; installed where bash-completion looks for it.

_edgefilter_words() { # command action -> what may follow
    case "$1 $2" in
    "users ") echo "add list remove" ;;
    "users add") echo "--email" ;;
    "users list") echo "--all" ;;
    "keys ") echo "issue list revoke limit" ;;
    "keys issue") echo "--user --name --expires --models --default-model --rpm --tpd --count" ;;
    "keys list") echo "--user --all" ;;
    "keys limit") echo "--expires --models --default-model --rpm --tpd" ;;
    "usage "*) echo "--by --from --to --key --user --all --csv" ;;
    "log ") echo "verify prune" ;;
    "log prune") echo "--keep" ;;
    "check "*) echo "--connect" ;;
    "listen "*) echo "--admin" ;;
    "translate "*) echo "--from --to --quirk --strict --explain --reply --stream --request" ;;
    "dialects "*) echo "--from --to --quirk" ;;
    esac
}

# Users and keys as the store knows them, that of --state where one is named; nothing where we may not look.
_edgefilter_users() { "$@" users list 2>/dev/null | awk 'NR > 1 { print $2 }'; }
_edgefilter_keys() { "$@" keys list 2>/dev/null | awk 'NR > 1 { print $1 }'; }

_edgefilter() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local commands="listen check users keys usage log translate dialects help version"
    local command="" action="" word words index program=("${COMP_WORDS[0]}") before=""
    for ((index = 1; index < COMP_CWORD; index++)); do
        word=${COMP_WORDS[index]}
        [ "$word" = --state ] && program+=(--state "${COMP_WORDS[index + 1]}")
        case $word in
        -c | --config | -p | --port | --host | --set | --env | --state | --by | --from | --to | --key | --user | --name | --email | --expires | \
            --models | --default-model | --rpm | --tpd | --count | --keep | --quirk | --request | --admin) ((index++)) ;;
        -*) ;;
        *) if [ -z "$command" ]; then command=$word; elif [ -z "$action" ]; then action=$word; fi ;;
        esac
    done
    case $previous in
    -c | --config | --env | --request) mapfile -t COMPREPLY < <(compgen -f -- "$current") && return ;;
    --state) mapfile -t COMPREPLY < <(compgen -d -- "$current") && return ;;
    --by) words="key user model endpoint upstream day"
        case $current in *,*) before=${current%,*}, current=${current##*,} ;; esac
        ;;
    --expires) words="never 30d 90d 1y" ;;
    --keep) words="30d 90d 365d" ;;
    --user) words=$(_edgefilter_users "${program[@]}") ;;
    --key) words=$(_edgefilter_keys "${program[@]}") ;;
    --from | --to)
        words="openai anthropic responses dashscope cyber anuneko"
        [ "$command" = usage ] && words=$(date +%F)
        ;;
    -p | --port | --host | --set | --name | --email | --models | --default-model | --rpm | --tpd | --count | --quirk) return ;;
    *)
        if [ -z "$command" ]; then
            words="$commands --config --set --env --port --host --state --help --version"
        else
            words="$(_edgefilter_words "$command" "$action") --state"
            case $command in users | keys | usage) words="$words --json" ;; esac
            case "$command $action" in
            "users remove") words="$words $(_edgefilter_users "${program[@]}")" ;;
            "keys revoke" | "keys limit") words="$words $(_edgefilter_keys "${program[@]}")" ;;
            esac
        fi
        ;;
    esac
    mapfile -t COMPREPLY < <(compgen -P "$before" -W "$words" -- "$current")
}

complete -F _edgefilter edgefilter
