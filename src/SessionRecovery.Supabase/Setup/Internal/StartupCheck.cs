using System.Text.Json;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using SessionRecovery.Supabase.Credits.Internal;
using SessionRecovery.Supabase.Diagnostics.Internal;
using SessionRecovery.Supabase.Files.Internal;
using SessionRecovery.Supabase.Http.Internal;
using SessionRecovery.Shared;

namespace SessionRecovery.Supabase.Setup.Internal;

/// <summary>
/// Checks the configuration of the Supabase project before the host serves requests. If the configuration is wrong, the host does not
/// start. If the project is unreachable, the host starts anyway, because it must be able to restart during an outage.
/// </summary>
internal sealed class StartupCheck(
    SupabaseFeatures features,
    SupabaseConnection connection,
    LedgerFunctions ledger,
    IOptions<SupabaseOptions> options,
    TimeProvider time,
    ILogger<StartupCheck> logger) : IHostedLifecycleService
{
    private readonly SupabaseOptions _options = options.Value;

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        if (ProjectAddress.IsInsecure(_options.Url))
        {
            logger.InsecureHttp(_options.Url);
        }

        // The timeout applies to all requests of the check together, so that the check delays the start by at most one request timeout.
        using var limit = new CancellationTokenSource(_options.RequestTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await CheckAsync(both.Token).ConfigureAwait(false);
        }
        catch (SupabaseException exception) when (exception.IsTransient)
        {
            logger.UnreachableAtStart(_options.Url, exception.Failure.Code);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            logger.UnreachableAtStart(_options.Url, "timed_out");
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        await (features.Ledger ? CheckLedgerAsync(cancellationToken) : CheckTableAsync(cancellationToken)).ConfigureAwait(false);
        if (!string.IsNullOrEmpty(_options.SecretKey))
        {
            await CheckPublishableKeyAsync(cancellationToken).ConfigureAwait(false);
        }

        if (features.Files)
        {
            await CheckBucketAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task CheckTableAsync(CancellationToken cancellationToken)
    {
        var credential = string.IsNullOrEmpty(_options.SecretKey) ? SupabaseCredential.Application : SupabaseCredential.Server;
        var response = await connection.GetAsync(
            $"/rest/v1/{_options.Table}?select={_options.UserIdColumn},{_options.CreditsColumn}&limit=0",
            credential,
            cancellationToken).ConfigureAwait(false);
        if (response.Succeeded)
        {
            return;
        }

        var failure = SupabaseErrorClassifier.ClassifyRest(response);
        switch (failure)
        {
            case { Code: "PGRST302" } when !credential.IsServer:
                logger.AnonymousDisabled(_options.Table, failure.Code);
                return;
            case var _ when FailureHints.IsSetupMistake(failure.Code):
                throw SetupMistake($"a read of {_options.Table}", failure);
            case { Fault: SupabaseFault.Denied } when !credential.IsServer:
                logger.TableUnchecked(_options.Table, failure.Code);
                return;
            case { Fault: SupabaseFault.Invalid }:
                // The project's own SQL rejected the read, but may accept the next read. The host therefore starts, and the log contains
                // the cause.
                logger.ReadRejected(_options.Table, failure);
                return;
            default:
                throw CreateTableException(failure, credential.IsServer);
        }
    }

    private Exception CreateTableException(SupabaseFailure failure, bool isSecret) => failure.Fault switch
    {
        SupabaseFault.KeyRejected => KeyRejected(isSecret),
        SupabaseFault.NotDefined => new InvalidOperationException(
            $"Supabase at {_options.Url} has no table {_options.Table} with the columns {_options.UserIdColumn} and "
            + $"{_options.CreditsColumn} ({failure.Code}). Set SupabaseOptions.Table, UserIdColumn and CreditsColumn."),
        SupabaseFault.Denied => new InvalidOperationException(
            $"The secret key may not read {_options.Table} ({failure.Code}): grant SELECT to service_role."),
        _ => SupabaseException.Create(failure with { Fault = SupabaseFault.Outage }),
    };

    private async Task CheckLedgerAsync(CancellationToken cancellationToken)
    {
        LedgerResponse schema;
        try
        {
            schema = await ledger.CallAsync("session_recovery_schema", SupabaseCredential.Server, cancellationToken).ConfigureAwait(false);
        }
        catch (SupabaseException exception) when (FailureHints.IsSetupMistake(exception.Failure.Code))
        {
            throw SetupMistake("a call of session_recovery_schema", exception.Failure);
        }
        catch (SupabaseException exception) when (exception.Failure.Fault == SupabaseFault.NotDefined)
        {
            throw MigrationMissing(SupabaseMigrations.Names[0]);
        }
        catch (SupabaseException exception) when (exception.Failure.Fault == SupabaseFault.KeyRejected)
        {
            throw KeyRejected(isSecret: true);
        }
        catch (SupabaseException exception) when (exception.Failure.Fault == SupabaseFault.Denied)
        {
            throw new InvalidOperationException(
                $"The secret key may not call the ledger's functions ({exception.Failure.Code}): apply the migrations again; they grant "
                + "the right.");
        }
        catch (SupabaseException exception) when (exception.Failure.Fault == SupabaseFault.Invalid)
        {
            logger.FunctionRejected("session_recovery_schema", exception.Failure);
            return;
        }

        var missing = SupabaseMigrations.Names.Except(schema.Migrations ?? [], StringComparer.Ordinal).FirstOrDefault();
        if (missing is not null)
        {
            throw MigrationMissing(missing);
        }

        logger.SchemaChecked(SupabaseMigrations.Names[^1], schema.Adopted, schema.Contracted);
    }

    // The publishable key is checked separately, because the other checks use the secret key.
    private async Task CheckPublishableKeyAsync(CancellationToken cancellationToken)
    {
        var response = await connection.GetAsync(
            $"/rest/v1/{_options.Table}?select={_options.UserIdColumn}&limit=0",
            SupabaseCredential.Application,
            cancellationToken).ConfigureAwait(false);
        if (response.Succeeded)
        {
            return;
        }

        var failure = SupabaseErrorClassifier.ClassifyRest(response);
        if (failure.Fault == SupabaseFault.KeyRejected)
        {
            throw KeyRejected(isSecret: false);
        }

        if (failure.IsTransient)
        {
            throw SupabaseException.Create(failure);
        }
    }

    // The bucket itself is requested, because Storage returns an empty file list for a missing bucket.
    private async Task CheckBucketAsync(CancellationToken cancellationToken)
    {
        var response = await connection.GetAsync($"/storage/v1/bucket/{_options.Bucket}", SupabaseCredential.Server, cancellationToken)
            .ConfigureAwait(false);
        if (!response.Succeeded)
        {
            var failure = SupabaseErrorClassifier.ClassifyStorage(response);
            throw failure.Fault is SupabaseFault.NotDefined or SupabaseFault.Missing
                ? new InvalidOperationException(
                    $"Supabase at {_options.Url} has no bucket {_options.Bucket} ({failure.Code}). Set SupabaseOptions.Bucket, or "
                    + "create the bucket and its policies with the SQL in docs/supabase.md.")
                : SupabaseException.Create(failure with { Fault = SupabaseFault.Outage });
        }

        if (IsPublic(response))
        {
            logger.BucketPublic(_options.Bucket);
        }
    }

    private static bool IsPublic(SupabaseResponse response)
    {
        try
        {
            return JsonSerializer.Deserialize(response.Body.Span, StorageJson.Default.BucketRow) is { Public: true };
        }
        catch (JsonException exception)
        {
            throw SupabaseException.Unreadable(exception);
        }
    }

    private InvalidOperationException SetupMistake(string what, SupabaseFailure failure) =>
        new($"Supabase at {_options.Url} rejected {what} ({failure.Code}): {FailureHints.GetForFunction(failure)}.");

    private InvalidOperationException MigrationMissing(string name) =>
        new(
            $"Supabase at {_options.Url} lacks the migration {name}. Apply it as docs/supabase.md describes. If it was applied "
            + "just now, run NOTIFY pgrst, 'reload schema'.");

    private InvalidOperationException KeyRejected(bool isSecret) =>
        new($"Supabase at {_options.Url} rejected SupabaseOptions.{(isSecret
            ? nameof(SupabaseOptions.SecretKey)
            : nameof(SupabaseOptions.PublishableKey))}: it is not a key of this project.");
}
