using Microsoft.Extensions.Logging;
using SessionRecovery.Sessions;
using SessionRecovery.Supabase.Http.Internal;

namespace SessionRecovery.Supabase.Diagnostics.Internal;

/// <summary>Defines the log messages of the Supabase provider, with event ids from 1600 to 1699.</summary>
internal static partial class Log
{
    [LoggerMessage(EventId = 1601, EventName = "SupabaseReadRejected", Level = LogLevel.Error,
        Message = "Supabase rejected a read of {Source} ({Fault}, {Code}). Hint: {Hint}.")]
    private static partial void ReadRejected(this ILogger logger, string source, SupabaseFault fault, string code, string hint);

    [LoggerMessage(EventId = 1602, EventName = "SupabaseRowUnusable", Level = LogLevel.Error,
        Message = "The row of {User} in {Table} does not contain a usable balance ({Reason}).")]
    public static partial void RowUnusable(this ILogger logger, string table, UserId user, string reason);

    [LoggerMessage(EventId = 1604, EventName = "SupabaseUnreachableAtStart", Level = LogLevel.Warning,
        Message = "Supabase at {Url} was unreachable at start ({Code}). Its configuration was not verified; balances are served when it "
            + "responds.")]
    public static partial void UnreachableAtStart(this ILogger logger, string url, string code);

    [LoggerMessage(EventId = 1605, EventName = "SupabaseFileFailed", Level = LogLevel.Warning,
        Message = "Storage could not {Action} a file of {User} ({Fault}, {Code}).")]
    public static partial void FileFailed(this ILogger logger, string action, UserId user, SupabaseFault fault, string code);

    [LoggerMessage(EventId = 1606, EventName = "SupabaseAuthKeyRejected", Level = LogLevel.Error,
        Message = "Supabase Auth rejected the publishable key ({Code}). Access tokens cannot be verified.")]
    public static partial void AuthKeyRejected(this ILogger logger, string code);

    [LoggerMessage(EventId = 1607, EventName = "SupabaseUserNotUuid", Level = LogLevel.Error,
        Message = "The id of {User} is not a UUID, so this user has no account. The ledger on Supabase identifies accounts by the ids of "
            + "Supabase Auth. For users of another identity provider, use a store without this limit, or name a claim with a UUID in "
            + "SessionRecovery:Session:UserIdClaims. Logged once.")]
    public static partial void UserNotUuid(this ILogger logger, UserId user);

    [LoggerMessage(EventId = 1608, EventName = "SupabaseSchemaChecked", Level = LogLevel.Information,
        Message = "Supabase has the migrations up to {Migration}; adopted table: {Adopted}, contracted: {Contracted}.")]
    public static partial void SchemaChecked(this ILogger logger, string migration, bool adopted, bool contracted);

    [LoggerMessage(EventId = 1609, EventName = "SupabaseTableUnchecked", Level = LogLevel.Information,
        Message = "Anonymous read of {Table} was denied ({Code}), as expected. Column names will be verified on the first authenticated "
            + "read.")]
    public static partial void TableUnchecked(this ILogger logger, string table, string code);

    [LoggerMessage(EventId = 1610, EventName = "SupabaseActivityMissing", Level = LogLevel.Warning,
        Message = "Active users could not be read: there is no table {Table} with the columns {UserIdColumn} and {TimeColumn} ({Code}). "
            + "Set SupabaseOptions.ActivityTable, ActivityUserIdColumn and ActivityTimeColumn, or set ActivityTable to an empty string.")]
    public static partial void ActivityMissing(this ILogger logger, string table, string userIdColumn, string timeColumn, string code);

    [LoggerMessage(EventId = 1611, EventName = "SupabaseActivityUnread", Level = LogLevel.Information,
        Message = "The cache is not warmed: reading other users from {Table} requires SupabaseOptions.SecretKey.")]
    public static partial void ActivityUnread(this ILogger logger, string table);

    [LoggerMessage(EventId = 1612, EventName = "SupabaseBucketPublic", Level = LogLevel.Warning,
        Message = "The bucket {Bucket} is public: anyone who knows a file's name can read it, whatever the bucket's policies are.")]
    public static partial void BucketPublic(this ILogger logger, string bucket);

    [LoggerMessage(EventId = 1613, EventName = "SupabaseRowHidden", Level = LogLevel.Warning,
        Message = "{Table} has a row for {User} that row-level security hides from them, so they appear to have no account. Give the "
            + "table a SELECT policy for its users, or set SupabaseOptions.ReadAs to Server.")]
    public static partial void RowHidden(this ILogger logger, string table, UserId user);

    [LoggerMessage(EventId = 1614, EventName = "SupabaseInsecureHttp", Level = LogLevel.Warning,
        Message = "Supabase at {Url} is called over plain http, so keys and tokens cross the network without encryption.")]
    public static partial void InsecureHttp(this ILogger logger, string url);

    [LoggerMessage(EventId = 1615, EventName = "SupabaseAnonymousDisabled", Level = LogLevel.Information,
        Message = "PostgREST accepts no anonymous requests ({Code}). Column names of {Table} will be verified on the first authenticated "
            + "read.")]
    public static partial void AnonymousDisabled(this ILogger logger, string table, string code);

    [LoggerMessage(EventId = 1616, EventName = "SupabaseCommandRolledBack", Level = LogLevel.Information,
        Message = "The database rolled back an attempt of {Function} ({Code}).")]
    public static partial void CommandRolledBack(this ILogger logger, string function, string code);

    public static void ReadRejected(this ILogger logger, string source, SupabaseFailure failure) => logger.ReadRejected(
        source,
        failure.Fault,
        failure.Code,
        FailureHints.Get(failure, "grant SELECT on it to authenticated, or to service_role for the secret key"));

    public static void FunctionRejected(this ILogger logger, string function, SupabaseFailure failure) =>
        logger.ReadRejected(function, failure.Fault, failure.Code, FailureHints.GetForFunction(failure));
}
