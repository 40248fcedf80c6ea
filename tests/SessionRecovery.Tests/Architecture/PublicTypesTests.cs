using System.Reflection;
using FluentAssertions;
using NUnit.Framework;
using static SessionRecovery.Tests.Architecture.ShippedPackages;

namespace SessionRecovery.Tests.Architecture;

/// <summary>
/// Lists the public types of every package. A public type must be supported in later versions, so add one only if hosts need it. The
/// <c>PublicAPI</c> files of the packages list the members of these types.
/// </summary>
[TestFixture]
internal sealed class PublicTypesTests
{
    [TestCaseSource(nameof(Packages))]
    public void Package_exports_exactly_these_types(Assembly package, string types) =>
        package.GetExportedTypes().Where(static type => !type.IsNested).Select(static type => type.FullName)
            .Should().BeEquivalentTo(types.ReplaceLineEndings("\n").Split('\n'));

    private static IEnumerable<TestCaseData> Packages()
    {
        yield return new TestCaseData(Core, """
            Microsoft.Extensions.DependencyInjection.SessionRecoveryServiceCollectionExtensions
            SessionRecovery.Credits.CreditBalance
            SessionRecovery.Credits.CreditCommand
            SessionRecovery.Credits.CreditCommandResult
            SessionRecovery.Credits.CreditCommandStatus
            SessionRecovery.Credits.CreditEntryKind
            SessionRecovery.Credits.CreditHistoryEntry
            SessionRecovery.Credits.CreditHistoryPage
            SessionRecovery.Credits.CreditOptions
            SessionRecovery.Credits.CreditReadOptions
            SessionRecovery.Credits.CreditReadResult
            SessionRecovery.Credits.CreditReadStatus
            SessionRecovery.Credits.CreditReservation
            SessionRecovery.Credits.CreditReservationOptions
            SessionRecovery.Credits.CreditReservationResult
            SessionRecovery.Credits.CreditStoreException
            SessionRecovery.Credits.CreditVersionToken
            SessionRecovery.Credits.ICreditLedger
            SessionRecovery.Credits.ICreditReader
            SessionRecovery.Credits.ICreditService
            SessionRecovery.Credits.ICreditStore
            SessionRecovery.Credits.ICreditStoreAudit
            SessionRecovery.Credits.ICreditStoreHistory
            SessionRecovery.Credits.ICreditStoreReservations
            SessionRecovery.Credits.IdempotencyKey
            SessionRecovery.Credits.OpenCreditReservation
            SessionRecovery.Credits.StoredResponse
            SessionRecovery.DependencyInjection.SessionRecoveryBuilder
            SessionRecovery.DependencyInjection.SessionRecoveryCoreOptions
            SessionRecovery.Diagnostics.SessionRecoveryDiagnostics
            SessionRecovery.Files.FileOpenResult
            SessionRecovery.Files.FileOpenStatus
            SessionRecovery.Files.FileSaveResult
            SessionRecovery.Files.FileSaveStatus
            SessionRecovery.Files.FileUpload
            SessionRecovery.Files.IFileManifest
            SessionRecovery.Files.IFileStore
            SessionRecovery.Files.StoredFile
            SessionRecovery.Files.UserFileOptions
            SessionRecovery.Health.HealthOptions
            SessionRecovery.Health.ISessionHealthMonitor
            SessionRecovery.Health.ISessionProbe
            SessionRecovery.Health.ITokenVerificationService
            SessionRecovery.Health.ProbeResult
            SessionRecovery.Health.SessionHealthReport
            SessionRecovery.Health.SessionHealthReportEntry
            SessionRecovery.Health.SessionHealthStatus
            SessionRecovery.Hosting.IRequestDrain
            SessionRecovery.KeyRing.IKeyRingStore
            SessionRecovery.KeyRing.KeyRingElement
            SessionRecovery.Recovery.IRecoveryStep
            SessionRecovery.Recovery.ISessionRecoveryService
            SessionRecovery.Recovery.RecoveryContext
            SessionRecovery.Recovery.RecoveryOptions
            SessionRecovery.Recovery.RecoveryStepResult
            SessionRecovery.Recovery.SessionRecoveryOutcome
            SessionRecovery.Recovery.SessionRecoveryResult
            SessionRecovery.Sessions.AccessToken
            SessionRecovery.Sessions.IAccessTokenVerifier
            SessionRecovery.Sessions.ISessionEpoch
            SessionRecovery.Sessions.TokenVerificationResult
            SessionRecovery.Sessions.TokenVerificationStatus
            SessionRecovery.Sessions.UserId
            SessionRecovery.Sessions.UserSession
            SessionRecovery.Warming.ActiveUser
            SessionRecovery.Warming.CacheWarmingOutcome
            SessionRecovery.Warming.CacheWarmingResult
            SessionRecovery.Warming.IActiveUserSource
            SessionRecovery.Warming.IActiveUserStore
            SessionRecovery.Warming.ICacheWarmer
            SessionRecovery.Warming.WarmingOptions
            """).SetArgDisplayNames("SessionRecovery");
        yield return new TestCaseData(Web, """
            Microsoft.AspNetCore.Builder.PaidEndpointConventionBuilderExtensions
            Microsoft.AspNetCore.Builder.SessionRecoveryEndpointRouteBuilderExtensions
            Microsoft.AspNetCore.Http.UserSessionHttpContextExtensions
            Microsoft.Extensions.DependencyInjection.SessionRecoveryKeyRingBuilderExtensions
            Microsoft.Extensions.DependencyInjection.SessionRecoveryWebServiceCollectionExtensions
            SessionRecovery.AspNetCore.Credits.PaidEndpointOptions
            SessionRecovery.AspNetCore.Credits.PaidRequest
            SessionRecovery.AspNetCore.Credits.PaidRequestOptions
            SessionRecovery.AspNetCore.Credits.RequireCreditsAttribute
            SessionRecovery.AspNetCore.Credits.RequireIdempotencyAttribute
            Microsoft.AspNetCore.Http.PaidRequestHttpContextExtensions
            SessionRecovery.AspNetCore.SessionRecoveryEndpointOptions
            SessionRecovery.AspNetCore.SessionRecoveryOptions
            SessionRecovery.AspNetCore.Sessions.IValidatedTokenCache
            SessionRecovery.AspNetCore.Sessions.UserSessionOptions
            """).SetArgDisplayNames("SessionRecovery.AspNetCore");
        yield return new TestCaseData(ShippedPackages.Sqlite, """
            Microsoft.Extensions.DependencyInjection.SqliteSessionRecoveryBuilderExtensions
            SessionRecovery.Sqlite.SqliteStoreOptions
            """).SetArgDisplayNames("SessionRecovery.Sqlite");
        yield return new TestCaseData(ShippedPackages.Supabase, """
            Microsoft.Extensions.DependencyInjection.SupabaseSessionRecoveryBuilderExtensions
            SessionRecovery.Supabase.SupabaseOptions
            SessionRecovery.Supabase.SupabaseReadAs
            """).SetArgDisplayNames("SessionRecovery.Supabase");
        yield return new TestCaseData(SupabaseWeb, """
            Microsoft.Extensions.DependencyInjection.SupabaseAuthenticationServiceCollectionExtensions
            SessionRecovery.Supabase.AspNetCore.SupabaseAuthenticationOptions
            """).SetArgDisplayNames("SessionRecovery.Supabase.AspNetCore");
        yield return new TestCaseData(ShippedPackages.Testing, """
            SessionRecovery.Testing.CreditStoreContract
            SessionRecovery.Testing.ICreditStoreUnderTest
            """).SetArgDisplayNames("SessionRecovery.Testing");
    }
}
