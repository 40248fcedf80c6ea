using Microsoft.Extensions.Logging;
using SessionRecovery.Sessions;
using SessionRecovery.Supabase.Internal;

namespace SessionRecovery.Supabase;

internal static partial class Log
{
    private const string MigrationsGrantIt = "apply the migrations again, they grant it to who may call it";

    [LoggerMessage(EventId = 1601, EventName = "SupabaseReadRefused", Level = LogLevel.Error, Message = "Supabase refuses to let {Source} be read ({Fault}, {Code}): {Hint}.")]
    private static partial void ReadRefused(this ILogger logger, string source, SupabaseFault fault, string code, string hint);

    [LoggerMessage(EventId = 1602, EventName = "SupabaseRowUnusable", Level = LogLevel.Error, Message = "The row of {User} in {Table} holds no balance ({Reason}).")]
    public static partial void RowUnusable(this ILogger logger, string table, UserId user, string reason);

    [LoggerMessage(EventId = 1603, EventName = "SupabaseCommandRefused", Level = LogLevel.Error, Message = "Supabase refuses {Function} ({Fault}, {Code}), and nothing was changed: {Hint}.")]
    private static partial void CommandRefused(this ILogger logger, string function, SupabaseFault fault, string code, string hint);

    [LoggerMessage(EventId = 1604, EventName = "SupabaseUnreachableAtStart", Level = LogLevel.Warning, Message = "Supabase at {Url} could not be asked at the start ({Code}): the set-up is unchecked, and balances come when it answers.")]
    public static partial void UnreachableAtStart(this ILogger logger, string url, string code);

    [LoggerMessage(EventId = 1605, EventName = "SupabaseFileFailed", Level = LogLevel.Warning, Message = "Storage did not {Action} a file of {User} ({Fault}, {Code}).")]
    public static partial void FileFailed(this ILogger logger, string action, UserId user, SupabaseFault fault, string code);

    [LoggerMessage(EventId = 1606, EventName = "SupabaseAuthorityRefused", Level = LogLevel.Error, Message = "Supabase Auth refuses the publishable key ({Code}): tokens can't be checked.")]
    public static partial void AuthorityRefused(this ILogger logger, string code);

    [LoggerMessage(EventId = 1607, EventName = "SupabaseUserNotUuid", Level = LogLevel.Error, Message = "The id of {User} is no UUID, and the ledger keys its accounts by UUID.")]
    public static partial void UserNotUuid(this ILogger logger, UserId user);

    [LoggerMessage(EventId = 1608, EventName = "SupabaseSchemaChecked", Level = LogLevel.Information, Message = "Supabase has the migrations up to {Migration}; adopted table: {Adopted}, contracted: {Contracted}.")]
    public static partial void SchemaChecked(this ILogger logger, string migration, bool adopted, bool contracted);

    [LoggerMessage(EventId = 1609, EventName = "SupabaseTableUnchecked", Level = LogLevel.Information, Message = "Who is not signed in may not read {Table} ({Code}), as it should be: whether its columns fit shows when the first user reads.")]
    public static partial void TableUnchecked(this ILogger logger, string table, string code);

    [LoggerMessage(EventId = 1610, EventName = "SupabaseActivityMissing", Level = LogLevel.Warning, Message = "There is no table {Table} with the columns {UserIdColumn} and {TimeColumn} to find active users in ({Code}): SupabaseOptions.ActivityTable, ActivityUserIdColumn and ActivityTimeColumn name yours; an empty ActivityTable says that there is none.")]
    public static partial void ActivityMissing(this ILogger logger, string table, string userIdColumn, string timeColumn, string code);

    [LoggerMessage(EventId = 1611, EventName = "SupabaseActivityUnread", Level = LogLevel.Information, Message = "Nobody is warmed up: {Table} names other users, which needs SupabaseOptions.SecretKey.")]
    public static partial void ActivityUnread(this ILogger logger, string table);

    [LoggerMessage(EventId = 1612, EventName = "SupabaseBucketPublic", Level = LogLevel.Warning, Message = "The bucket {Bucket} is public: whoever knows the name of a file reads it, whatever its policies say.")]
    public static partial void BucketPublic(this ILogger logger, string bucket);

    [LoggerMessage(EventId = 1613, EventName = "SupabaseRowHidden", Level = LogLevel.Warning, Message = "{Table} has a row for {User} that they may not see, and so looks to them like no account: give the table a SELECT policy for its users, or set SupabaseOptions.ReadAs to Server.")]
    public static partial void RowHidden(this ILogger logger, string table, UserId user);

    public static void ReadRefused(this ILogger logger, string source, SupabaseFailure failure) =>
        logger.ReadRefused(source, failure.Fault, failure.Code, HintFor(failure.Fault, "grant SELECT on it to authenticated, or to service_role for the secret key"));

    public static void FunctionRefused(this ILogger logger, string function, SupabaseFailure failure) =>
        logger.ReadRefused(function, failure.Fault, failure.Code, HintFor(failure.Fault, MigrationsGrantIt));

    public static void CommandRefused(this ILogger logger, string function, SupabaseFailure failure) =>
        logger.CommandRefused(function, failure.Fault, failure.Code, HintFor(failure.Fault, MigrationsGrantIt));

    private static string HintFor(SupabaseFault fault, string grant) => fault switch
    {
        SupabaseFault.Denied => grant,
        SupabaseFault.NotDefined => "it is not there, or PostgREST has not seen it yet (NOTIFY pgrst, 'reload schema')",
        SupabaseFault.KeyRefused => "the API key is none of this project's",
        _ => "docs/supabase.md in the package says what is asked of a project",
    };
}
