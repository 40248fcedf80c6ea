namespace SessionRecovery.KeyRing;

/// <summary>
/// Stores the Data Protection key ring of a web host beside the credits, so that sign-in cookies and signed links survive a new container.
/// A package that supplies a credit store implements this interface. The interface is used if the host calls
/// <c>PersistDataProtectionKeys()</c>. Implementations must be thread-safe.
/// </summary>
public interface IKeyRingStore
{
    /// <summary>Reads all elements, in the order in which they were added.</summary>
    /// <param name="cancellationToken">Cancels the read.</param>
    /// <returns>The elements; an empty list if no element was added yet.</returns>
    /// <exception cref="InvalidOperationException">
    /// The store is not set up for a key ring. The message is one sentence for the operator. The exception fails the start of the host.
    /// </exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    /// <remarks>
    /// Any other exception means an outage. Requests with a sign-in cookie receive a 503 response until a read succeeds. A store must not
    /// return an empty list during an outage, because an empty list would sign all users out.
    /// </remarks>
    ValueTask<IReadOnlyList<KeyRingElement>> ReadAsync(CancellationToken cancellationToken);

    /// <summary>Adds an element durably. An element whose name already exists is ignored, so that a repeated call is safe.</summary>
    /// <param name="element">The element.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <returns>A task that completes when the element is stored.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="element"/> is <see langword="null"/>.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was canceled.</exception>
    ValueTask AddAsync(KeyRingElement element, CancellationToken cancellationToken);

    /// <summary>
    /// Gets the full path of the folder that contains the key ring. The value is <see langword="null"/> if the key ring is not in a file of
    /// this system, which is the default. The health check <c>session_recovery_keys</c> reports a folder whose content is lost when a new
    /// container replaces the old one.
    /// </summary>
    string? Folder => null;

    /// <summary>
    /// Returns a sentence that describes who can read the key ring in addition to the application. The method is called only if the host
    /// does not encrypt its keys.
    /// </summary>
    /// <returns>
    /// One sentence for the operator, which the health check <c>session_recovery_keys</c> reports. The value is <see langword="null"/> if
    /// no hazard is known, which is the default.
    /// </returns>
    string? FindHazard() => null;
}
